"""Enqueues, cancels and retries jobs, and requeues jobs whose wake-up was lost."""

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
    urgency: Urgency = Urgency.NORMAL,
) -> Job:
    """Create a job in the caller's transaction; a worker is woken after the commit.

    Idempotent: returns the unfinished job of the same kind and subject if there is one.
    """
    identity = {"kind": kind, "subject": str(subject_id)}
    try:
        with transaction.atomic():
            job = Job.objects.create(**identity, queue=queue, owner_key=str(owner_key), urgency=urgency)
    except IntegrityError:
        return Job.objects.unfinished().get(**identity)
    dispatch_on_commit(job)
    return job


def cancel_jobs(kind: str, subject_id: object) -> int:
    """Cancel unfinished jobs; a worker running one loses its lease and stops. Returns how many."""
    return (
        Job.objects.unfinished()
        .filter(kind=kind, subject=str(subject_id))
        .update(state=JobState.CANCELLED, lease_until=None, finished_at=Now())
    )


def retry_job(job: Job) -> Job:
    """Enqueue a new job like the quarantined one."""
    return enqueue_job(
        job.kind, job.subject, queue=Queue(job.queue), owner_key=job.owner_key, urgency=Urgency(job.urgency)
    )


def merge_quarantined_jobs(jobs: Sequence[Job], kind: str, subject_id: object) -> Job:
    """Replace quarantined jobs by one quarantined job that stands for all of their work when retried."""
    first = jobs[0]
    merged_jobs = Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.QUARANTINED)
    merged_jobs.update(state=JobState.CANCELLED)
    return Job.objects.create(
        kind=kind,
        subject=str(subject_id),
        queue=first.queue,
        owner_key=first.owner_key,
        state=JobState.QUARANTINED,
        attempts=first.attempts,
        reason=first.reason,
        finished_at=Now(),
    )


def sweep_jobs() -> int:
    """Send wake-ups for due jobs that have none pending and for expired leases. Returns how many were sent.

    An advisory lock keeps concurrent sweeps out. If enough wake-ups are queued already, workers are merely busy; none
    are sent.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
            (has_lock,) = cursor.fetchone()
        if not has_lock:
            return 0
        quarantine_exhausted_jobs()
        return sum(_redispatch_due_jobs(queue) for queue in Queue)


def _redispatch_due_jobs(queue: Queue) -> int:
    ready = Job.objects.leasable().filter(queue=queue)
    is_stale = (
        Q(state=JobState.RUNNING) | Q(dispatched_at=None) | Q(dispatched_at__lt=Now() - REDISPATCH_AFTER)
    )
    jobs = list(ready.filter(is_stale).order_by("not_before")[:SWEEP_LIMIT])
    if not jobs:
        return 0
    missing_wake_ups = max(0, ready.count() - broker_queue_length(queue))
    for job in jobs[:missing_wake_ups]:
        dispatch_on_commit(job)
    return min(missing_wake_ups, len(jobs))
