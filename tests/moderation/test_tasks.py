import pytest
from django.conf import settings

from accounts.models import User
from jobs.dispatch import JOB_KINDS
from moderation.models import Claim
from moderation.tasks import expire_claims_task, notify_teller_task
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, expire_lease

pytestmark = pytest.mark.django_db


def test_the_periodic_task_ends_expired_claims(submitted_story: Story, mo: User) -> None:
    expire_lease(claim_for_reviewer(submitted_story, by=mo))

    expire_claims_task()

    assert not Claim.objects.unended().exists()


def test_the_tasks_are_registered_with_beat_and_the_job_queue() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert expire_claims_task.name in scheduled
    assert JOB_KINDS["moderation.tell_teller"].handler is notify_teller_task
