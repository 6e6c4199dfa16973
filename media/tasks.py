"""What workers do for recordings beside preparing those of stories."""

from django.conf import settings

from jobs.celery_bridge import job_task, periodic_task
from jobs.leasing import Run
from media import canary, chunking, uploads


@periodic_task(name="media.sweep_uploads_task", time_limit=300, soft_time_limit=240)
def sweep_uploads_task() -> None:
    uploads.sweep(settings.UPLOAD_ABANDONED_AFTER)


@periodic_task(name="media.sweep_parts_task", time_limit=300, soft_time_limit=240)
def sweep_parts_task() -> None:
    chunking.sweep()


@periodic_task(name="media.order_canary_task", soft_time_limit=20, time_limit=30)
def order_canary_task() -> None:
    canary.order()


@job_task(kind=canary.CANARY, soft_time_limit=3 * 60, time_limit=4 * 60)
def canary_task(run: Run) -> None:
    canary.send(run)
