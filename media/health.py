"""Whether recordings can be prepared and watched, told by what became of the last canary."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models.functions import Now

from jobs.models import Job, JobState, Queue
from media.canary import CANARY_KIND

MAX_CANARY_AGE = timedelta(minutes=15)  # three times as long as the clock waits between two


class PipelineHealth(Enum):
    """The value is for machines; `words` are for people."""

    FINE = "fine"
    BUSY = "busy"
    LATE = "late"
    FAILING = "failing"
    UNKNOWN = "unknown"

    @property
    def is_healthy(self) -> bool:
        return self in {PipelineHealth.FINE, PipelineHealth.BUSY}

    @property
    def description(self) -> str:
        return HEALTH_DESCRIPTIONS[self]


HEALTH_DESCRIPTIONS = {
    PipelineHealth.FINE: "Recordings go all the way",
    PipelineHealth.BUSY: "Workers are busy with other recordings",
    PipelineHealth.LATE: "Nobody takes up recordings",
    PipelineHealth.FAILING: "Recordings do not get through",
    PipelineHealth.UNKNOWN: "Not tried yet",
}


@dataclass(frozen=True)
class CanaryReport:
    """What is known of the last canary. `age` is since it came through, `took` is from handing in to the end."""

    health: PipelineHealth
    age: timedelta | None = None
    duration: timedelta | None = None
    reason: str = ""


@dataclass(frozen=True)
class CanaryRun:
    """One canary that came to an end."""

    succeeded: bool
    finished_at: datetime
    duration: timedelta
    reason: str


def assess_health(
    latest_run: CanaryRun | None, latest_success: CanaryRun | None, *, now: datetime, is_busy: bool
) -> CanaryReport:
    """Say how we are from the last canary that ended, and from the last one that came through, if that is another."""
    arrived = latest_run if latest_run is not None and latest_run.succeeded else latest_success
    age = None if arrived is None else now - arrived.finished_at
    took = None if arrived is None else arrived.duration
    if latest_run is None:
        return CanaryReport(PipelineHealth.UNKNOWN)
    if not latest_run.succeeded:
        return CanaryReport(PipelineHealth.FAILING, age, took, latest_run.reason)
    if now - latest_run.finished_at <= MAX_CANARY_AGE:
        return CanaryReport(PipelineHealth.FINE, age, took)
    return CanaryReport(PipelineHealth.BUSY if is_busy else PipelineHealth.LATE, age, took)


def latest_canary_report() -> CanaryReport:
    """Return how recordings do, at the database's time."""
    ended = Job.objects.filter(kind=CANARY_KIND, state__in=[JobState.DONE, JobState.QUARANTINED])
    facts = ended.order_by("-finished_at").values_list("state", "finished_at", "created_at", "reason", Now())
    last, arrived = facts.first(), facts.filter(state=JobState.DONE).first()
    if last is None:
        return CanaryReport(PipelineHealth.UNKNOWN)
    others = Job.objects.running().filter(queue=Queue.MEDIA).exclude(kind=CANARY_KIND).exists()
    before = None if arrived is None else _canary_run(*arrived[:4])
    return assess_health(_canary_run(*last[:4]), before, now=last[4], is_busy=others)


def _canary_run(state: str, at: datetime | None, began: datetime, reason: str) -> CanaryRun:
    if at is None:
        raise ValueError("a job that has ended has no date")
    return CanaryRun(state == JobState.DONE, at, at - began, reason)
