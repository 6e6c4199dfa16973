import pytest
from django.conf import settings

from accounts.models import User
from jobs.dispatch import JOB_KINDS
from moderation.models import Claim
from moderation.tasks import expire_claims_task, notify_teller_task
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, expire_lease

pytestmark = pytest.mark.django_db


def test_the_scheduler_ends_claims_that_ran_out(told: Story, mo: User) -> None:
    expire_lease(claim_for_reviewer(told, by=mo))

    expire_claims_task()

    assert not Claim.objects.unended().exists()


def test_the_scheduler_and_the_desk_know_the_tasks_by_name() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert expire_claims_task.name in planned
    assert JOB_KINDS["moderation.tell_teller"].handler is notify_teller_task
