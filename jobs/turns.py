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

from jobs.leasing import MOST_ATTEMPTS, Run, take
from jobs.models import Job, Queue, Urgency

CHOOSING = 0x5A3B0B1
REMEMBERED = timedelta(days=1)
# Whoever waited so long counts as more urgent by one step, so that nothing waits for ever.
SOONER_AFTER = timedelta(minutes=20)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """The oldest job of one person and one urgency."""

    job_id: uuid.UUID
    whose: str
    urgency: int
    since: datetime


@dataclass(frozen=True)
class Load:
    """What is being done for whom, and when each person last had a turn; who is missing has none."""

    at_work: Mapping[str, int]
    served: Mapping[str, datetime]


def in_turn(waiting: Sequence[Waiting], load: Load, *, now: datetime) -> list[Waiting]:
    """Return what waits in the order in which it is to be done."""

    def place(one: Waiting) -> tuple[int, int, datetime, datetime, uuid.UUID]:
        steps = max(0, (now - one.since) // SOONER_AFTER)
        return (
            max(Urgency.AT_ONCE, one.urgency - steps),
            load.at_work.get(one.whose, 0),
            load.served.get(one.whose, NEVER),
            one.since,
            one.job_id,
        )

    return sorted(waiting, key=place)


def take_in_turn(queue: Queue, *, kinds: Collection[str]) -> Run | None:
    """Take the lease on the job of the queue whose turn it is; None when nothing of these kinds waits.

    Workers choose one after the other, since two who looked at once would both see the same person served longest ago.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [CHOOSING, queue.value])
        for one in _candidates(queue, kinds):
            run = take(one.job_id)
            if run is not None:
                return run
    return None


def _candidates(queue: Queue, kinds: Collection[str]) -> list[Waiting]:
    ready = (
        Job.objects.ready_to_take()
        .filter(queue=queue, kind__in=kinds, attempts__lt=MOST_ATTEMPTS)
        .annotate(now=Now())
        .order_by("whose", "urgency", "not_before", "created_at", "pk")
        .distinct("whose", "urgency")
    )
    rows = list(ready.values_list("pk", "whose", "urgency", "not_before", "now"))
    if not rows:
        return []
    waiting = [Waiting(pk, whose, urgency, since) for pk, whose, urgency, since, _ in rows]
    people = {one.whose for one in waiting}
    return in_turn(waiting, _load(queue, people), now=rows[0][-1])


def _load(queue: Queue, people: Collection[str]) -> Load:
    theirs = Job.objects.filter(queue=queue, whose__in=people)
    at_work = theirs.at_work().values("whose").annotate(many=Count("pk")).values_list("whose", "many")
    lately = theirs.filter(taken_at__gt=Now() - REMEMBERED)
    served = lately.values("whose").annotate(last=Max("taken_at")).values_list("whose", "last")
    return Load(dict(at_work), dict(served))
