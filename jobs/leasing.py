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

from jobs import bell
from jobs.models import Job, JobState

LEASE = timedelta(seconds=30)
# How soon somebody at work hears that the job was cancelled; a lease outlives a good dozen of missed beats.
HEARTBEAT_SECONDS = 2.0
MOST_ATTEMPTS = 3
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))


class LeaseLost(Exception):
    """Somebody else holds the job by now, or it was cancelled: stop, and write nothing more."""


class GiveUp(Exception):
    """The work cannot succeed however often it is tried; the message says why, in words for people."""


@dataclass
class Run:
    """One attempt at a job. Use it as a context manager: leaving it finishes or fails the job.

    While it is open a thread keeps the lease; if the process dies the lease runs out and the sweeper rings again.
    """

    job_id: uuid.UUID
    kind: str
    subject: str
    token: int
    attempt: int
    _over: threading.Event = field(default_factory=threading.Event)
    _lost: threading.Event = field(default_factory=threading.Event)
    _heart: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._heart = threading.Thread(target=self._keep_the_lease, name=f"lease-{self.job_id}", daemon=True)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._over.set()
        if self._heart is not None:
            self._heart.join()
        if error is None:
            self._finish()
            return False
        if isinstance(error, LeaseLost):
            return True
        self._fail(error)
        bell.tell(self.subject)
        return isinstance(error, GiveUp)

    @property
    def lost(self) -> bool:
        """Return whether the lease is gone; long work asks this between steps and stops."""
        return self._lost.is_set()

    def report(self, stage: str, percent: int) -> None:
        """Note how far the work is, and keep the lease. Raises LeaseLost when somebody else holds the job."""
        self._extend(stage=stage, percent=max(0, min(100, percent)))
        bell.tell(self.subject)

    def check(self) -> None:
        """Keep the lease or raise LeaseLost: call it in the transaction that makes the result visible."""
        self._extend()

    def _extend(self, **changes: str | int) -> None:
        held = Job.objects.held_under(self.job_id, self.token).update(lease_until=Now() + LEASE, **changes)
        if not held:
            self._lost.set()
            raise LeaseLost(str(self.job_id))

    def _keep_the_lease(self) -> None:
        try:
            while not self._over.wait(HEARTBEAT_SECONDS):
                self._extend()
        except LeaseLost:
            return
        finally:
            connection.close()  # this thread's own connection

    def _finish(self) -> None:
        done = Job.objects.held_under(self.job_id, self.token).update(
            state=JobState.DONE, percent=100, reason="", lease_until=None, finished_at=Now()
        )
        if not done:
            raise LeaseLost(str(self.job_id))
        bell.tell(self.subject)

    def _fail(self, error: BaseException) -> None:
        reason = f"{type(error).__name__}: {error}"[:300]
        held = Job.objects.held_under(self.job_id, self.token)
        if isinstance(error, GiveUp) or self.attempt >= MOST_ATTEMPTS:
            held.update(state=JobState.QUARANTINED, reason=reason, lease_until=None, finished_at=Now())
            return
        pause = RETRY_AFTER[min(self.attempt, len(RETRY_AFTER)) - 1]
        held.update(
            state=JobState.WAITING, reason=reason, lease_until=None, not_before=Now() + pause, rung_at=None
        )


def take(job_id: uuid.UUID) -> Run | None:
    """Take the lease on a job if nobody holds it; None when there is nothing to do.

    A job that has used up its attempts (its worker died each time) is quarantined instead of taken.
    """
    with transaction.atomic():
        job = Job.objects.ready_to_take().select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            quarantine(job)
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            attempts=F("attempts") + 1,
            token=F("token") + 1,
            lease_until=Now() + LEASE,
            taken_at=Now(),
        )
    return Run(
        job_id=job.pk, kind=job.kind, subject=job.subject, token=job.token + 1, attempt=job.attempts + 1
    )


def set_hopeless_aside() -> int:
    """Set aside every job whose worker died at each attempt; returns how many."""
    hopeless = Job.objects.ready_to_take().filter(attempts__gte=MOST_ATTEMPTS)
    jobs = list(hopeless.select_for_update(skip_locked=True))
    for job in jobs:
        quarantine(job)
    return len(jobs)


def quarantine(job: Job) -> None:
    """Set a job aside whose worker died at every attempt."""
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUARANTINED,
        lease_until=None,
        finished_at=Now(),
        reason=job.reason or f"The worker died {job.attempts} times while doing this.",
    )
