"""Whose turn it is when a worker has its hands free.

A ring says only that there is work in a queue. Which job is done is decided here, at that moment and in the
database: the more urgent first; then of people the one with the least at work; then the one served longest ago. So
twenty recordings of one person stand in front of nobody, and one person alone may still keep every worker busy.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max
from django.db.models.functions import Now

from jobs.leasing import MAX_ATTEMPTS, JobRun, acquire_lease
from jobs.models import Job, Queue, Urgency

SCHEDULING_LOCK = 0x5A3B0B1
FAIRNESS_WINDOW = timedelta(days=1)
# Whoever waited so long counts as more urgent by one step, so that nothing waits for ever.
PRIORITY_AGING_STEP = timedelta(minutes=20)
NEVER_SERVED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WaitingJob:
    """The oldest job of one person and one urgency."""

    job_id: uuid.UUID
    owner_key: str
    urgency: int
    due_since: datetime


@dataclass(frozen=True)
class OwnerLoad:
    """What is being done for whom, and when each person last had a turn; who is missing has none."""

    running_by_owner: Mapping[str, int]
    last_served_by_owner: Mapping[str, datetime]


def fair_order(waiting: Sequence[WaitingJob], load: OwnerLoad, *, now: datetime) -> list[WaitingJob]:
    """Return what waits in the order in which it is to be done."""

    def place(one: WaitingJob) -> tuple[int, int, datetime, datetime, uuid.UUID]:
        steps = max(0, (now - one.due_since) // PRIORITY_AGING_STEP)
        return (
            max(Urgency.AT_ONCE, one.urgency - steps),
            load.running_by_owner.get(one.owner_key, 0),
            load.last_served_by_owner.get(one.owner_key, NEVER_SERVED),
            one.due_since,
            one.job_id,
        )

    return sorted(waiting, key=place)


def lease_next_job(queue: Queue, *, kinds: Collection[str]) -> JobRun | None:
    """Take the lease on the job of the queue whose turn it is; None when nothing of these kinds waits.

    Workers choose one after the other, since two who looked at once would both see the same person served longest ago.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [SCHEDULING_LOCK, queue.value])
        for one in _oldest_job_per_owner(queue, kinds):
            run = acquire_lease(one.job_id)
            if run is not None:
                return run
    return None


def _oldest_job_per_owner(queue: Queue, kinds: Collection[str]) -> list[WaitingJob]:
    ready = (
        Job.objects.leasable()
        .filter(queue=queue, kind__in=kinds, attempts__lt=MAX_ATTEMPTS)
        .annotate(now=Now())
        .order_by("whose", "urgency", "not_before", "created_at", "pk")
        .distinct("whose", "urgency")
    )
    rows = list(ready.values_list("pk", "whose", "urgency", "not_before", "now"))
    if not rows:
        return []
    waiting = [WaitingJob(pk, whose, urgency, since) for pk, whose, urgency, since, _ in rows]
    people = {one.owner_key for one in waiting}
    return fair_order(waiting, _load_of_owners(queue, people), now=rows[0][-1])


def _load_of_owners(queue: Queue, people: Collection[str]) -> OwnerLoad:
    theirs = Job.objects.filter(queue=queue, whose__in=people)
    at_work = theirs.running().values("whose").annotate(many=Count("pk")).values_list("whose", "many")
    lately = theirs.filter(taken_at__gt=Now() - FAIRNESS_WINDOW)
    served = lately.values("whose").annotate(last=Max("taken_at")).values_list("whose", "last")
    return OwnerLoad(dict(at_work), dict(served))
