"""Work that was set aside, and an operator's way to have it tried again."""

from django.db import transaction

from accounts.models import Role, User
from audit import trail
from jobs import desk
from jobs.models import Job, JobState
from media import versions
from stories.models import Story
from stories.preparation import COULD_NOT_PREPARE, PREPARE


class NotAnOperator(Exception):
    """Only operators have work tried again."""


class NotSetAside(Exception):
    """The job is not set aside, or was handed in again already; `job` is the fresh one."""

    def __init__(self, job: Job) -> None:
        super().__init__("This work is not set aside any more.")
        self.job = job


def may_retry(job: Job, person: User) -> bool:
    return person.has_role(Role.OPERATOR) and Job.objects.set_aside().filter(pk=job.pk).exists()


def retry(job: Job, *, by: User) -> Job:
    """Have work that was set aside tried again, as a fresh job. Raises NotAnOperator, NotSetAside.

    A recording that we gave up on is taken up again; its story stays where it is, with its teller.
    """
    if not by.has_role(Role.OPERATOR):
        raise NotAnOperator
    with transaction.atomic():
        fresh = Job.objects.select_for_update().get(pk=job.pk)
        if fresh.state != JobState.QUARANTINED or not may_retry(fresh, by):
            raise NotSetAside(fresh)
        if fresh.kind == PREPARE:
            _take_up_again(fresh.subject)
        again = desk.retry(fresh)
        trail.record("job.retried", again, by=by, details={"kind": fresh.kind, "before": str(fresh.pk)})
    return again


def _take_up_again(story_id: str) -> None:
    for story in Story.objects.filter(pk=story_id, video__isnull=False).select_related("video"):
        if story.video is not None and story.video.reason == COULD_NOT_PREPARE:
            video = story.video
            versions.start_over(video, hide_faces=video.hide_faces, change_voice=video.change_voice)
