import pytest
from django.conf import settings

from accounts.models import User
from jobs.celery_bridge import KINDS
from moderation.models import Claim
from moderation.tasks import expire_claims_task, tell_teller_task
from stories.models import Story
from tests.moderation.scene import run_out, take

pytestmark = pytest.mark.django_db


def test_the_scheduler_ends_claims_that_ran_out(told: Story, mo: User) -> None:
    run_out(take(told, by=mo))

    expire_claims_task()

    assert not Claim.objects.unended().exists()


def test_the_scheduler_and_the_desk_know_the_tasks_by_name() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert expire_claims_task.name in planned
    assert KINDS["moderation.tell_teller"].work is tell_teller_task
