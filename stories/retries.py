"""Lets operators retry quarantined jobs."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from audit import trail
from domain_errors.categories import ConflictError, ForbiddenError
from jobs import queue
from jobs.models import Job, JobState
from media import video_status
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB, PROCESSING_FAILED_MESSAGE


class NotAnOperator(ForbiddenError):
    code = "not_an_operator"
    message = _("Only operators can manage jobs.")


class JobNotQuarantined(ConflictError):
    """The job is not quarantined, or was retried already; `job` is freshly loaded."""

    code = "not_set_aside"
    message = _("This job is no longer quarantined.")

    def __init__(self, job: Job) -> None:
        super().__init__(subject=job)
        self.job = job


def may_retry_job(job: Job, person: User) -> bool:
    return (
        person.has_role(Role.OPERATOR)
        and Job.objects.quarantined_and_not_retried().filter(pk=job.pk).exists()
    )


def retry_job(job: Job, *, by: User) -> Job:
    """Enqueue a new job for a quarantined one. Raises NotAnOperator, JobNotQuarantined.

    A recording whose processing failed is processed again; its story stays with its teller.
    """
    if not by.has_role(Role.OPERATOR):
        raise NotAnOperator
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.state != JobState.QUARANTINED or not may_retry_job(locked, by):
            raise JobNotQuarantined(locked)
        if locked.kind == PROCESS_STORY_JOB:
            _reset_failed_recording(locked.subject)
        new_job = queue.retry_job(locked)
        details = {"kind": locked.kind, "before": str(locked.pk)}
        trail.record_event("job.retried", new_job, by=by, details=details)
    return new_job


def _reset_failed_recording(story_id: str) -> None:
    for story in Story.objects.filter(pk=story_id, video__isnull=False).select_related("video"):
        if story.video is not None and story.video.reason == PROCESSING_FAILED_MESSAGE:
            video = story.video
            video_status.reset_for_processing(
                video, hide_faces=video.hide_faces, change_voice=video.change_voice
            )
