"""What workers do for moderation."""

from jobs.celery_bridge import job_task, periodic_task
from jobs.leasing import Run
from moderation import notices, queue
from moderation.models import Notice


@job_task(kind=notices.TELL_TELLER, soft_time_limit=60, time_limit=90)
def tell_teller_task(run: Run) -> None:
    for notice in Notice.objects.filter(pk=run.subject):
        notices.mail(notice)


@periodic_task(name="moderation.expire_claims_task", soft_time_limit=20, time_limit=30)
def expire_claims_task() -> None:
    queue.expire()
