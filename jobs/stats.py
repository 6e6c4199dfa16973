"""How much waits in each queue, how much is at work, and how long the oldest has waited."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from jobs.models import Job, JobState, Queue

IS_DUE = Q(state=JobState.WAITING, not_before__lte=Now())


@dataclass(frozen=True)
class QueueStats:
    """One queue. `oldest_wait` is how long the job that waits longest has been due; none when nothing is."""

    queue: Queue
    waiting: int = 0
    running: int = 0
    oldest_wait: timedelta | None = None


def load_queue_stats() -> list[QueueStats]:
    """Return how each queue stands, in one query."""
    counted = (
        Job.objects.unfinished()
        .order_by()
        .values("queue")
        .annotate(
            waiting=Count("pk", filter=IS_DUE),
            running=Count("pk", filter=Q(state=JobState.RUNNING, lease_until__gte=Now())),
            oldest_wait=Now() - Min("not_before", filter=IS_DUE),
        )
    )
    found = {row["queue"]: row for row in counted}
    return [
        QueueStats(queue, **{name: found[queue][name] for name in ("waiting", "running", "oldest_wait")})
        if queue in found
        else QueueStats(queue)
        for queue in Queue
    ]
