"""What the scheduler rings for."""

from django.conf import settings

from jobs.celery_bridge import periodic_task
from media import chunking, uploads


@periodic_task(name="media.sweep_uploads_task", time_limit=300, soft_time_limit=240)
def sweep_uploads_task() -> None:
    uploads.sweep(settings.UPLOAD_ABANDONED_AFTER)


@periodic_task(name="media.sweep_parts_task", time_limit=300, soft_time_limit=240)
def sweep_parts_task() -> None:
    chunking.sweep()
