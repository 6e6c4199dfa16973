"""Health of the recording pipeline, derived from the latest canary job."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, JobState, Queue
from media.canary import CANARY_KIND

MAX_CANARY_AGE = timedelta(minutes=15)  # three times the interval between canaries


class PipelineHealth(Enum):
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
        return str(HEALTH_DESCRIPTIONS[self])


HEALTH_DESCRIPTIONS: dict[PipelineHealth, str | Promise] = {
    PipelineHealth.FINE: _("Recordings are processed normally"),
    PipelineHealth.BUSY: _("Workers are busy with other recordings"),
    PipelineHealth.LATE: _("No worker is processing recordings"),
    PipelineHealth.FAILING: _("Recordings fail to process"),
    PipelineHealth.UNKNOWN: _("Not tested yet"),
}


@dataclass(frozen=True)
class CanaryReport:
    """`age` is the time since the latest success, `duration` its time from creation to the end."""

    health: PipelineHealth
    age: timedelta | None = None
    duration: timedelta | None = None
    reason: str = ""


@dataclass(frozen=True)
class CanaryRun:
    succeeded: bool
    finished_at: datetime
    duration: timedelta
    reason: str


def assess_health(
    latest_run: CanaryRun | None, latest_success: CanaryRun | None, *, now: datetime, is_busy: bool
) -> CanaryReport:
    """`latest_success` only matters if the latest run failed."""
    success = latest_run if latest_run is not None and latest_run.succeeded else latest_success
    age = None if success is None else now - success.finished_at
    duration = None if success is None else success.duration
    if latest_run is None:
        return CanaryReport(PipelineHealth.UNKNOWN)
    if not latest_run.succeeded:
        return CanaryReport(PipelineHealth.FAILING, age, duration, latest_run.reason)
    if now - latest_run.finished_at <= MAX_CANARY_AGE:
        return CanaryReport(PipelineHealth.FINE, age, duration)
    return CanaryReport(PipelineHealth.BUSY if is_busy else PipelineHealth.LATE, age, duration)


def latest_canary_report() -> CanaryReport:
    """Ages are measured with the database's clock."""
    finished_jobs = Job.objects.filter(kind=CANARY_KIND, state__in=[JobState.DONE, JobState.QUARANTINED])
    rows = finished_jobs.order_by("-finished_at").values_list(
        "state", "finished_at", "created_at", "reason", Now()
    )
    latest, success = rows.first(), rows.filter(state=JobState.DONE).first()
    if latest is None:
        return CanaryReport(PipelineHealth.UNKNOWN)
    is_busy = Job.objects.running().filter(queue=Queue.MEDIA).exclude(kind=CANARY_KIND).exists()
    latest_success = None if success is None else _canary_run(*success[:4])
    return assess_health(_canary_run(*latest[:4]), latest_success, now=latest[4], is_busy=is_busy)


def _canary_run(state: str, finished_at: datetime | None, created_at: datetime, reason: str) -> CanaryRun:
    if finished_at is None:
        raise ValueError("finished job without finished_at")
    return CanaryRun(state == JobState.DONE, finished_at, finished_at - created_at, reason)
