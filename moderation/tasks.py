"""Celery tasks for moderation."""

from jobs.dispatch import job_task, periodic_task
from jobs.leasing import JobRun
from moderation import notices, queue
from moderation.models import Notice


@job_task(kind=notices.NOTIFY_TELLER_JOB, soft_time_limit=60, time_limit=90)
def notify_teller_task(run: JobRun) -> None:
    for notice in Notice.objects.filter(pk=run.subject):
        notices.send_notice_email(notice)


@periodic_task(name="moderation.expire_claims_task", soft_time_limit=20, time_limit=30)
def expire_claims_task() -> None:
    queue.expire_claims()
