"""What the scheduler rings for."""

from django.utils import timezone

from api import idempotency
from jobs.celery_bridge import periodic_task


@periodic_task(name="api.forget_answers_task", soft_time_limit=240, time_limit=300)
def forget_answers_task() -> None:
    idempotency.forget(now=timezone.now())
