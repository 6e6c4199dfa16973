"""Queue statistics for the operator page and the health check."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from jobs.models import Job, JobState, Queue

IS_DUE = Q(state=JobState.WAITING, not_before__lte=Now())


@dataclass(frozen=True)
class QueueStats:
    """`waiting` counts due jobs; `oldest_wait` is how long the oldest of them has been due, None without any."""

    queue: Queue
    waiting: int = 0
    running: int = 0
    oldest_wait: timedelta | None = None


def load_queue_stats() -> list[QueueStats]:
    """Statistics of every queue, in one query."""
    rows = (
        Job.objects.unfinished()
        .order_by()
        .values("queue")
        .annotate(
            waiting=Count("pk", filter=IS_DUE),
            running=Count("pk", filter=Q(state=JobState.RUNNING, lease_until__gte=Now())),
            oldest_wait=Now() - Min("not_before", filter=IS_DUE),
        )
    )
    row_by_queue = {row["queue"]: row for row in rows}
    return [
        QueueStats(
            queue, **{name: row_by_queue[queue][name] for name in ("waiting", "running", "oldest_wait")}
        )
        if queue in row_by_queue
        else QueueStats(queue)
        for queue in Queue
    ]
