"""Picks the next job: fair scheduling across owners.

A wake-up only names a queue; the job is chosen when a worker is free, by urgency, then by the owner's number of
running jobs, then by when the owner was last served. Twenty recordings of one person therefore delay no other person,
and one person alone can still use every worker.
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
# Urgency rises by one level per step of waiting, to prevent starvation.
PRIORITY_AGING_STEP = timedelta(minutes=20)
NEVER_SERVED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WaitingJob:
    """The oldest waiting job of one owner and urgency."""

    job_id: uuid.UUID
    owner_key: str
    urgency: int
    due_since: datetime


@dataclass(frozen=True)
class OwnerLoad:
    """Running jobs and last lease per owner; owners without any are missing from the mappings."""

    running_by_owner: Mapping[str, int]
    last_served_by_owner: Mapping[str, datetime]


def fair_order(waiting: Sequence[WaitingJob], load: OwnerLoad, *, now: datetime) -> list[WaitingJob]:
    def sort_key(job: WaitingJob) -> tuple[int, int, datetime, datetime, uuid.UUID]:
        aging_steps = max(0, (now - job.due_since) // PRIORITY_AGING_STEP)
        return (
            max(Urgency.URGENT, job.urgency - aging_steps),
            load.running_by_owner.get(job.owner_key, 0),
            load.last_served_by_owner.get(job.owner_key, NEVER_SERVED),
            job.due_since,
            job.job_id,
        )

    return sorted(waiting, key=sort_key)


def lease_next_job(queue: Queue, *, kinds: Collection[str]) -> JobRun | None:
    """Lease the next job of the queue; returns None if no job of these kinds is waiting.

    An advisory lock serialises workers: two choosing at the same time would both pick the owner served longest ago.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [SCHEDULING_LOCK, queue.value])
        for job in _oldest_job_per_owner(queue, kinds):
            run = acquire_lease(job.job_id)
            if run is not None:
                return run
    return None


def _oldest_job_per_owner(queue: Queue, kinds: Collection[str]) -> list[WaitingJob]:
    ready = (
        Job.objects.leasable()
        .filter(queue=queue, kind__in=kinds, attempts__lt=MAX_ATTEMPTS)
        .annotate(now=Now())
        .order_by("owner_key", "urgency", "not_before", "created_at", "pk")
        .distinct("owner_key", "urgency")
    )
    rows = list(ready.values_list("pk", "owner_key", "urgency", "not_before", "now"))
    if not rows:
        return []
    waiting = [WaitingJob(pk, owner_key, urgency, since) for pk, owner_key, urgency, since, _now in rows]
    owner_keys = {job.owner_key for job in waiting}
    return fair_order(waiting, _load_of_owners(queue, owner_keys), now=rows[0][-1])


def _load_of_owners(queue: Queue, owner_keys: Collection[str]) -> OwnerLoad:
    owner_jobs = Job.objects.filter(queue=queue, owner_key__in=owner_keys)
    running = owner_jobs.running().values("owner_key").annotate(count=Count("pk"))
    recent_jobs = owner_jobs.filter(taken_at__gt=Now() - FAIRNESS_WINDOW)
    last_served = recent_jobs.values("owner_key").annotate(last=Max("taken_at"))
    return OwnerLoad(
        dict(running.values_list("owner_key", "count")), dict(last_served.values_list("owner_key", "last"))
    )
