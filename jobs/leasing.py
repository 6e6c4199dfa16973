"""Who works on a job: leases by compare-and-set on the database's clock, fenced by a growing token."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import notifications
from jobs.models import Job, JobState

LEASE_DURATION = timedelta(seconds=30)
# How soon somebody at work hears that the job was cancelled; a lease outlives a good dozen of missed beats.
HEARTBEAT_SECONDS = 2.0
MAX_ATTEMPTS = 3
RETRY_DELAYS = (timedelta(seconds=5), timedelta(seconds=30))


class LeaseLost(Exception):
    """Somebody else holds the job by now, or it was cancelled: stop, and write nothing more."""


class PermanentFailure(Exception):
    """The work cannot succeed however often it is tried; the message says why, in words for people."""


@dataclass
class JobRun:
    """One attempt at a job. Use it as a context manager: leaving it finishes or fails the job.

    While it is open a thread keeps the lease; if the process dies the lease runs out and the sweeper rings again.
    """

    job_id: uuid.UUID
    kind: str
    subject: str
    token: int
    attempt: int
    _finished: threading.Event = field(default_factory=threading.Event)
    _lease_lost: threading.Event = field(default_factory=threading.Event)
    _heartbeat_thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._heartbeat_thread = threading.Thread(
            target=self._send_heartbeats, name=f"lease-{self.job_id}", daemon=True
        )
        self._heartbeat_thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._finished.set()
        if self._heartbeat_thread is not None:
            self._heartbeat_thread.join()
        if error is None:
            self._finish()
            return False
        if isinstance(error, LeaseLost):
            return True
        self._fail(error)
        notifications.notify_listeners(self.subject)
        return isinstance(error, PermanentFailure)

    @property
    def lease_lost(self) -> bool:
        """Return whether the lease is gone; long work asks this between steps and stops."""
        return self._lease_lost.is_set()

    def report_progress(self, stage: str, percent: int) -> None:
        """Note how far the work is, and keep the lease. Raises LeaseLost when somebody else holds the job."""
        self._extend_lease(stage=stage, percent=max(0, min(100, percent)))
        notifications.notify_listeners(self.subject)

    def renew_lease(self) -> None:
        """Keep the lease or raise LeaseLost: call it in the transaction that makes the result visible."""
        self._extend_lease()

    def _extend_lease(self, **changes: str | int) -> None:
        held = Job.objects.held_with_token(self.job_id, self.token).update(
            lease_until=Now() + LEASE_DURATION, **changes
        )
        if not held:
            self._lease_lost.set()
            raise LeaseLost(str(self.job_id))

    def _send_heartbeats(self) -> None:
        try:
            while not self._finished.wait(HEARTBEAT_SECONDS):
                self._extend_lease()
        except LeaseLost:
            return
        finally:
            connection.close()  # this thread's own connection

    def _finish(self) -> None:
        done = Job.objects.held_with_token(self.job_id, self.token).update(
            state=JobState.DONE, percent=100, reason="", lease_until=None, finished_at=Now()
        )
        if not done:
            raise LeaseLost(str(self.job_id))
        notifications.notify_listeners(self.subject)

    def _fail(self, error: BaseException) -> None:
        reason = f"{type(error).__name__}: {error}"[:300]
        held = Job.objects.held_with_token(self.job_id, self.token)
        if isinstance(error, PermanentFailure) or self.attempt >= MAX_ATTEMPTS:
            held.update(state=JobState.QUARANTINED, reason=reason, lease_until=None, finished_at=Now())
            return
        pause = RETRY_DELAYS[min(self.attempt, len(RETRY_DELAYS)) - 1]
        held.update(
            state=JobState.WAITING, reason=reason, lease_until=None, not_before=Now() + pause, rung_at=None
        )


def acquire_lease(job_id: uuid.UUID) -> JobRun | None:
    """Take the lease on a job if nobody holds it; None when there is nothing to do.

    A job that has used up its attempts (its worker died each time) is quarantined instead of taken.
    """
    with transaction.atomic():
        job = Job.objects.leasable().select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            quarantine_job(job)
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            attempts=F("attempts") + 1,
            token=F("token") + 1,
            lease_until=Now() + LEASE_DURATION,
            taken_at=Now(),
        )
    return JobRun(
        job_id=job.pk, kind=job.kind, subject=job.subject, token=job.token + 1, attempt=job.attempts + 1
    )


def quarantine_exhausted_jobs() -> int:
    """Set aside every job whose worker died at each attempt; returns how many."""
    hopeless = Job.objects.leasable().filter(attempts__gte=MAX_ATTEMPTS)
    jobs = list(hopeless.select_for_update(skip_locked=True))
    for job in jobs:
        quarantine_job(job)
    return len(jobs)


def quarantine_job(job: Job) -> None:
    """Set a job aside whose worker died at every attempt."""
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUARANTINED,
        lease_until=None,
        finished_at=Now(),
        reason=job.reason or f"The worker died {job.attempts} times while doing this.",
    )
