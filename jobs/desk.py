"""Hand in work, ask about it, call it off, try it again, and ring for what was forgotten."""

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs.celery_bridge import ring_on_commit
from jobs.models import UNFINISHED, Job, JobState, Queue

RING_AGAIN_AFTER = timedelta(seconds=20)
SWEEP_LOCK = 0x5A3B0B0
SWEEP_AT_MOST = 200


def enqueue(kind: str, subject_id: object, *, queue: Queue = Queue.QUICK) -> Job:
    """Write the job in the caller's transaction and ring once that has committed.

    Handing in the same work twice gives the job that is still unfinished.
    """
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, subject=str(subject_id), queue=queue)
    except IntegrityError:
        return Job.objects.unfinished().get(kind=kind, subject=str(subject_id))
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
    return enqueue(job.kind, job.subject, queue=Queue(job.queue))


def sweep() -> int:
    """Ring for every job that is due and was not rung for lately, or whose lease ran out. Returns how many.

    One sweeper at a time (advisory lock); a second one has nothing to add and leaves at once.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
            (mine,) = cursor.fetchone()
        if not mine:
            return 0
        forgotten = Q(state=JobState.WAITING, not_before__lte=Now()) & (
            Q(rung_at=None) | Q(rung_at__lt=Now() - RING_AGAIN_AFTER)
        )
        abandoned = Q(state=JobState.RUNNING, lease_until__lt=Now())
        jobs = list(
            Job.objects.filter(forgotten | abandoned, state__in=UNFINISHED).order_by("not_before")[
                :SWEEP_AT_MOST
            ]
        )
        for job in jobs:
            ring_on_commit(job)
    return len(jobs)
