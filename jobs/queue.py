"""Hand in work, ask about it, call it off, try it again, and ring for what was forgotten."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs.dispatch import broker_queue_length, dispatch_on_commit
from jobs.leasing import quarantine_exhausted_jobs
from jobs.models import Job, JobState, Queue, Urgency

REDISPATCH_AFTER = timedelta(seconds=20)
SWEEP_LOCK = 0x5A3B0B0
SWEEP_LIMIT = 200


def enqueue_job(
    kind: str,
    subject_id: object,
    *,
    queue: Queue = Queue.QUICK,
    owner_key: object = "",
    urgency: Urgency = Urgency.USUAL,
) -> Job:
    """Write the job in the caller's transaction and ring once that has committed.

    `whose` is the person it is done for: people take turns. Handing in the same work twice gives the job that is
    still unfinished.
    """
    about = {"kind": kind, "subject": str(subject_id)}
    try:
        with transaction.atomic():
            job = Job.objects.create(**about, queue=queue, whose=str(owner_key), urgency=urgency)
    except IntegrityError:
        return Job.objects.unfinished().get(**about)
    dispatch_on_commit(job)
    return job


def cancel_jobs(kind: str, subject_id: object) -> int:
    """Call off unfinished work; a worker in the middle of it loses its lease and stops. Returns how many."""
    return (
        Job.objects.unfinished()
        .filter(kind=kind, subject=str(subject_id))
        .update(state=JobState.CANCELLED, lease_until=None, finished_at=Now())
    )


def retry_job(job: Job) -> Job:
    """Hand in quarantined work again, as a fresh job."""
    return enqueue_job(
        job.kind, job.subject, queue=Queue(job.queue), owner_key=job.whose, urgency=Urgency(job.urgency)
    )


def merge_quarantined_jobs(jobs: Sequence[Job], kind: str, subject_id: object) -> Job:
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


def sweep_jobs() -> int:
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
        quarantine_exhausted_jobs()
        return sum(_redispatch_due_jobs(queue) for queue in Queue)


def _redispatch_due_jobs(queue: Queue) -> int:
    ready = Job.objects.leasable().filter(queue=queue)
    forgotten = Q(state=JobState.RUNNING) | Q(rung_at=None) | Q(rung_at__lt=Now() - REDISPATCH_AFTER)
    jobs = list(ready.filter(forgotten).order_by("not_before")[:SWEEP_LIMIT])
    if not jobs:
        return 0
    lacking = max(0, ready.count() - broker_queue_length(queue))
    for job in jobs[:lacking]:
        dispatch_on_commit(job)
    return min(lacking, len(jobs))
