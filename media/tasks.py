"""Celery tasks of the media package; processing of stories' recordings is in `stories.tasks`."""

from django.conf import settings

from jobs.dispatch import job_task, periodic_task
from jobs.leasing import JobRun
from media import canary
from media.chunked_encoding import chunk_storage
from media.uploads import cleanup


@periodic_task(name="media.expire_abandoned_uploads_task", time_limit=300, soft_time_limit=240)
def expire_abandoned_uploads_task() -> None:
    cleanup.expire_abandoned_uploads(settings.UPLOAD_ABANDONED_AFTER)


@periodic_task(name="media.delete_abandoned_chunks_task", time_limit=300, soft_time_limit=240)
def delete_abandoned_chunks_task() -> None:
    chunk_storage.delete_abandoned_chunks()


@periodic_task(name="media.enqueue_canary_task", soft_time_limit=20, time_limit=30)
def enqueue_canary_task() -> None:
    canary.enqueue_canary()


@job_task(kind=canary.CANARY_KIND, soft_time_limit=3 * 60, time_limit=4 * 60)
def canary_task(run: JobRun) -> None:
    canary.run_canary(run)
