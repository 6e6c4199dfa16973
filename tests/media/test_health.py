from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from jobs import queue
from jobs.leasing import acquire_lease
from jobs.models import Job, JobState, Queue
from media import canary
from media.health import (
    MAX_CANARY_AGE,
    CanaryReport,
    CanaryRun,
    PipelineHealth,
    assess_health,
    latest_canary_report,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN_DURATION = timedelta(seconds=7)


def canary_run(*, minutes_ago: float, succeeded: bool = True) -> CanaryRun:
    return CanaryRun(
        succeeded,
        NOON - timedelta(minutes=minutes_ago),
        RUN_DURATION,
        "" if succeeded else "CanaryFailed: rejected",
    )


def assess(
    latest: CanaryRun | None, latest_success: CanaryRun | None = None, *, is_busy: bool = False
) -> CanaryReport:
    return assess_health(latest, latest_success, now=NOON, is_busy=is_busy)


def test_health_is_unknown_before_the_first_canary() -> None:
    assert assess(None) == CanaryReport(PipelineHealth.UNKNOWN)


def test_recent_success_is_fine() -> None:
    assert assess(canary_run(minutes_ago=4)) == CanaryReport(
        PipelineHealth.FINE, timedelta(minutes=4), RUN_DURATION
    )


def test_failure_reports_its_reason_and_the_age_of_the_latest_success() -> None:
    report = assess(canary_run(minutes_ago=1, succeeded=False), canary_run(minutes_ago=6))
    assert report == CanaryReport(
        PipelineHealth.FAILING, timedelta(minutes=6), RUN_DURATION, "CanaryFailed: rejected"
    )


@pytest.mark.parametrize(("is_busy", "health"), [(True, PipelineHealth.BUSY), (False, PipelineHealth.LATE)])
def test_old_success_is_late_unless_workers_are_busy(*, is_busy: bool, health: PipelineHealth) -> None:
    late = canary_run(minutes_ago=MAX_CANARY_AGE / timedelta(minutes=1) + 1)
    assert assess(late, is_busy=is_busy).health == health
    assert health.is_healthy == is_busy


@pytest.mark.django_db
class TestLatestCanaryReport:
    def create_finished_job(self, state: JobState, *, ago: timedelta = timedelta(), reason: str = "") -> None:
        job = canary.enqueue_canary()
        Job.objects.filter(pk=job.pk).update(
            state=state, created_at=Now() - ago - RUN_DURATION, finished_at=Now() - ago, reason=reason
        )

    def test_health_is_unknown_without_finished_canaries(self) -> None:
        canary.enqueue_canary()
        assert latest_canary_report().health == PipelineHealth.UNKNOWN

    def test_latest_canary_determines_the_health(self) -> None:
        self.create_finished_job(
            JobState.QUARANTINED, ago=timedelta(minutes=9), reason="CanaryFailed: rejected"
        )
        assert latest_canary_report() == CanaryReport(
            PipelineHealth.FAILING, None, None, "CanaryFailed: rejected"
        )
        self.create_finished_job(JobState.DONE)
        report = latest_canary_report()
        assert (report.health, report.duration) == (PipelineHealth.FINE, RUN_DURATION)
        assert report.age is not None
        assert report.age < timedelta(minutes=1)

    def test_health_is_busy_while_a_worker_processes_another_recording(self) -> None:
        self.create_finished_job(JobState.DONE, ago=timedelta(hours=1))
        assert latest_canary_report().health == PipelineHealth.LATE
        assert acquire_lease(queue.enqueue_job("tests.encode", "long", queue=Queue.MEDIA).pk) is not None
        assert latest_canary_report().health == PipelineHealth.BUSY
