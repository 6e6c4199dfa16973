"""Job leases: compare-and-set on the database clock, with a monotonically increasing fencing token."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import change_notifications
from jobs.models import Job, JobState

LEASE_DURATION = timedelta(seconds=30)
# Also bounds how long a worker keeps running a cancelled job. A lease survives about 14 missed heartbeats.
HEARTBEAT_SECONDS = 2.0
MAX_ATTEMPTS = 3
RETRY_DELAYS = (timedelta(seconds=5), timedelta(seconds=30))


class LeaseLost(Exception):
    """Another worker holds the job, or it was cancelled: stop without writing."""


class PermanentFailure(Exception):
    """Retrying cannot help; the message is shown to users."""


@dataclass
class JobRun:
    """One attempt at a job. A context manager: exiting finishes or fails the job.

    A heartbeat thread renews the lease meanwhile; if the process dies, the lease expires and the sweep requeues the job.
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
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
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
        change_notifications.notify_listeners(self.subject)
        return isinstance(error, PermanentFailure)

    @property
    def lease_lost(self) -> bool:
        """Poll between the steps of long-running work, and stop when true."""
        return self._lease_lost.is_set()

    def report_progress(self, stage: str, percent: int) -> None:
        """Store progress and renew the lease. Raises LeaseLost."""
        self._extend_lease(stage=stage, percent=max(0, min(100, percent)))
        change_notifications.notify_listeners(self.subject)

    def renew_lease(self) -> None:
        """Raises LeaseLost. Call it in the transaction that publishes the result, to fence out an expired worker."""
        self._extend_lease()

    def _extend_lease(self, **changes: str | int) -> None:
        updated_rows = Job.objects.held_with_token(self.job_id, self.token).update(
            lease_until=Now() + LEASE_DURATION, **changes
        )
        if not updated_rows:
            self._lease_lost.set()
            raise LeaseLost(str(self.job_id))

    def _send_heartbeats(self) -> None:
        try:
            while not self._finished.wait(HEARTBEAT_SECONDS):
                self._extend_lease()
        except LeaseLost:
            return
        finally:
            connection.close()  # Django opened a separate connection for this thread

    def _finish(self) -> None:
        updated_rows = Job.objects.held_with_token(self.job_id, self.token).update(
            state=JobState.DONE, percent=100, reason="", lease_until=None, finished_at=Now()
        )
        if not updated_rows:
            raise LeaseLost(str(self.job_id))
        change_notifications.notify_listeners(self.subject)

    def _fail(self, error: BaseException) -> None:
        reason = f"{type(error).__name__}: {error}"[:300]
        held_job = Job.objects.held_with_token(self.job_id, self.token)
        if isinstance(error, PermanentFailure) or self.attempt >= MAX_ATTEMPTS:
            held_job.update(state=JobState.QUARANTINED, reason=reason, lease_until=None, finished_at=Now())
            return
        retry_delay = RETRY_DELAYS[min(self.attempt, len(RETRY_DELAYS)) - 1]
        held_job.update(
            state=JobState.WAITING,
            reason=reason,
            lease_until=None,
            not_before=Now() + retry_delay,
            dispatched_at=None,
        )


def acquire_lease(job_id: uuid.UUID) -> JobRun | None:
    """Lease a job; returns None if another worker holds it or it is not due.

    A job without attempts left (its worker died each time) is quarantined instead.
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
    """Quarantine the jobs without attempts left; returns how many."""
    exhausted = Job.objects.leasable().filter(attempts__gte=MAX_ATTEMPTS)
    jobs = list(exhausted.select_for_update(skip_locked=True))
    for job in jobs:
        quarantine_job(job)
    return len(jobs)


def quarantine_job(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUARANTINED,
        lease_until=None,
        finished_at=Now(),
        reason=job.reason or f"The worker died in each of {job.attempts} attempts.",
    )
