from django.utils import timezone

from api import idempotency
from jobs.dispatch import periodic_task


@periodic_task(name="api.delete_expired_responses_task", soft_time_limit=240, time_limit=300)
def delete_expired_responses_task() -> None:
    idempotency.delete_expired_responses(now=timezone.now())
