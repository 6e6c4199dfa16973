"""Hand in work, ask about it, call it off, try it again, and ring for what was forgotten."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs.celery_bridge import ring_on_commit, rings_waiting
from jobs.leasing import set_hopeless_aside
from jobs.models import Job, JobState, Queue, Urgency

RING_AGAIN_AFTER = timedelta(seconds=20)
SWEEP_LOCK = 0x5A3B0B0
SWEEP_AT_MOST = 200


def enqueue(
    kind: str,
    subject_id: object,
    *,
    queue: Queue = Queue.QUICK,
    whose: object = "",
    urgency: Urgency = Urgency.USUAL,
) -> Job:
    """Write the job in the caller's transaction and ring once that has committed.

    `whose` is the person it is done for: people take turns. Handing in the same work twice gives the job that is
    still unfinished.
    """
    about = {"kind": kind, "subject": str(subject_id)}
    try:
        with transaction.atomic():
            job = Job.objects.create(**about, queue=queue, whose=str(whose), urgency=urgency)
    except IntegrityError:
        return Job.objects.unfinished().get(**about)
    ring_on_commit(job)
    return job


def cancel(kind: str, subject_id: object) -> int:
    """Call off unfinished work; a worker in the middle of it loses its lease and stops. Returns how many."""
    return (
        Job.objects.unfinished()
        .filter(kind=kind, subject=str(subject_id))
        .update(state=JobState.CANCELLED, lease_until=None, finished_at=Now())
    )


def retry(job: Job) -> Job:
    """Hand in quarantined work again, as a fresh job."""
    return enqueue(
        job.kind, job.subject, queue=Queue(job.queue), whose=job.whose, urgency=Urgency(job.urgency)
    )


def let_one_stand_for(jobs: Sequence[Job], kind: str, subject_id: object) -> Job:
    """Put one job in the place of several that were set aside: tried again, it does all of which they were parts."""
    first = jobs[0]
    several = Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.QUARANTINED)
    several.update(state=JobState.CANCELLED)
    return Job.objects.create(
        kind=kind,
        subject=str(subject_id),
        queue=first.queue,
        whose=first.whose,
        state=JobState.QUARANTINED,
        attempts=first.attempts,
        reason=first.reason,
        finished_at=Now(),
    )


def sweep() -> int:
    """Ring for jobs that are due and were not rung for lately, or whose lease ran out. Returns how often it rang.

    One sweeper at a time (advisory lock); a second one has nothing to add and leaves at once. A ring is good for any
    job of its queue, so where as many rings wait as there are jobs due, everybody is only busy.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
            (mine,) = cursor.fetchone()
        if not mine:
            return 0
        set_hopeless_aside()
        return sum(_ring_for(queue) for queue in Queue)


def _ring_for(queue: Queue) -> int:
    ready = Job.objects.ready_to_take().filter(queue=queue)
    forgotten = Q(state=JobState.RUNNING) | Q(rung_at=None) | Q(rung_at__lt=Now() - RING_AGAIN_AFTER)
    jobs = list(ready.filter(forgotten).order_by("not_before")[:SWEEP_AT_MOST])
    if not jobs:
        return 0
    lacking = max(0, ready.count() - rings_waiting(queue))
    for job in jobs[:lacking]:
        ring_on_commit(job)
    return min(lacking, len(jobs))
