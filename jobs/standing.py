"""How much waits in each queue, how much is at work, and how long the oldest has waited."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from jobs.models import Job, JobState, Queue

DUE = Q(state=JobState.WAITING, not_before__lte=Now())


@dataclass(frozen=True)
class Standing:
    """One queue. `oldest` is how long the job that waits longest has been due; none when nothing is."""

    queue: Queue
    waiting: int = 0
    at_work: int = 0
    oldest: timedelta | None = None


def standings() -> list[Standing]:
    """Return how each queue stands, in one query."""
    counted = (
        Job.objects.unfinished()
        .order_by()
        .values("queue")
        .annotate(
            waiting=Count("pk", filter=DUE),
            at_work=Count("pk", filter=Q(state=JobState.RUNNING, lease_until__gte=Now())),
            oldest=Now() - Min("not_before", filter=DUE),
        )
    )
    found = {row["queue"]: row for row in counted}
    return [
        Standing(queue, **{name: found[queue][name] for name in ("waiting", "at_work", "oldest")})
        if queue in found
        else Standing(queue)
        for queue in Queue
    ]
