"""How recordings do, by what became of the canaries: on plain values, then from the rows."""

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


def canary_run(*, minutes_ago: float, well: bool = True) -> CanaryRun:
    return CanaryRun(
        well, NOON - timedelta(minutes=minutes_ago), RUN_DURATION, "" if well else "CanaryFell: at the gate"
    )


def assess(last: CanaryRun | None, before: CanaryRun | None = None, *, busy: bool = False) -> CanaryReport:
    return assess_health(last, before, now=NOON, is_busy=busy)


def test_before_the_first_one_nothing_is_known() -> None:
    assert assess(None) == CanaryReport(PipelineHealth.UNKNOWN)


def test_one_that_arrived_lately_says_that_all_is_well() -> None:
    assert assess(canary_run(minutes_ago=4)) == CanaryReport(
        PipelineHealth.FINE, timedelta(minutes=4), RUN_DURATION
    )


def test_one_that_fell_says_why_and_when_the_last_one_arrived() -> None:
    flight = assess(canary_run(minutes_ago=1, well=False), canary_run(minutes_ago=6))
    assert flight == CanaryReport(
        PipelineHealth.FAILING, timedelta(minutes=6), RUN_DURATION, "CanaryFell: at the gate"
    )


@pytest.mark.parametrize(("busy", "being"), [(True, PipelineHealth.BUSY), (False, PipelineHealth.LATE)])
def test_one_that_keeps_us_waiting_is_late_unless_others_are_at_work(
    *, busy: bool, being: PipelineHealth
) -> None:
    late = canary_run(minutes_ago=MAX_CANARY_AGE / timedelta(minutes=1) + 1)
    assert assess(late, busy=busy).health == being
    assert being.is_healthy == busy


@pytest.mark.django_db
class TestLatestCanaryReport:
    def create_finished_job(self, state: JobState, *, ago: timedelta = timedelta(), reason: str = "") -> None:
        job = canary.enqueue_canary()
        Job.objects.filter(pk=job.pk).update(
            state=state, created_at=Now() - ago - RUN_DURATION, finished_at=Now() - ago, reason=reason
        )

    def test_without_one_nothing_is_known(self) -> None:
        canary.enqueue_canary()
        assert latest_canary_report().health == PipelineHealth.UNKNOWN

    def test_the_last_one_counts(self) -> None:
        self.create_finished_job(
            JobState.QUARANTINED, ago=timedelta(minutes=9), reason="CanaryFell: at the gate"
        )
        assert latest_canary_report() == CanaryReport(
            PipelineHealth.FAILING, None, None, "CanaryFell: at the gate"
        )
        self.create_finished_job(JobState.DONE)
        flight = latest_canary_report()
        assert (flight.health, flight.duration) == (PipelineHealth.FINE, RUN_DURATION)
        assert flight.age is not None
        assert flight.age < timedelta(minutes=1)

    def test_a_worker_at_another_recording_is_a_reason_to_wait(self) -> None:
        self.create_finished_job(JobState.DONE, ago=timedelta(hours=1))
        assert latest_canary_report().health == PipelineHealth.LATE
        assert acquire_lease(queue.enqueue_job("tests.encode", "long", queue=Queue.MEDIA).pk) is not None
        assert latest_canary_report().health == PipelineHealth.BUSY
