"""How recordings do, by what became of the canaries: on plain values, then from the rows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from jobs import desk
from jobs.leasing import take
from jobs.models import Job, JobState, Queue
from media import canary
from media.health import FRESH_FOR, Ended, Flight, Wellbeing, judge, last_flight

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOOK = timedelta(seconds=7)


def ended(*, minutes_ago: float, well: bool = True) -> Ended:
    return Ended(well, NOON - timedelta(minutes=minutes_ago), TOOK, "" if well else "CanaryFell: at the gate")


def judged(last: Ended | None, before: Ended | None = None, *, busy: bool = False) -> Flight:
    return judge(last, before, now=NOON, others_at_work=busy)


def test_before_the_first_one_nothing_is_known() -> None:
    assert judged(None) == Flight(Wellbeing.UNKNOWN)


def test_one_that_arrived_lately_says_that_all_is_well() -> None:
    assert judged(ended(minutes_ago=4)) == Flight(Wellbeing.FINE, timedelta(minutes=4), TOOK)


def test_one_that_fell_says_why_and_when_the_last_one_arrived() -> None:
    flight = judged(ended(minutes_ago=1, well=False), ended(minutes_ago=6))
    assert flight == Flight(Wellbeing.FAILING, timedelta(minutes=6), TOOK, "CanaryFell: at the gate")


@pytest.mark.parametrize(("busy", "being"), [(True, Wellbeing.BUSY), (False, Wellbeing.LATE)])
def test_one_that_keeps_us_waiting_is_late_unless_others_are_at_work(*, busy: bool, being: Wellbeing) -> None:
    late = ended(minutes_ago=FRESH_FOR / timedelta(minutes=1) + 1)
    assert judged(late, busy=busy).being == being
    assert being.well == busy


@pytest.mark.django_db
class TestFromTheRows:
    def end(self, state: JobState, *, ago: timedelta = timedelta(), reason: str = "") -> None:
        job = canary.order()
        Job.objects.filter(pk=job.pk).update(
            state=state, created_at=Now() - ago - TOOK, finished_at=Now() - ago, reason=reason
        )

    def test_without_one_nothing_is_known(self) -> None:
        canary.order()
        assert last_flight().being == Wellbeing.UNKNOWN

    def test_the_last_one_counts(self) -> None:
        self.end(JobState.QUARANTINED, ago=timedelta(minutes=9), reason="CanaryFell: at the gate")
        assert last_flight() == Flight(Wellbeing.FAILING, None, None, "CanaryFell: at the gate")
        self.end(JobState.DONE)
        flight = last_flight()
        assert (flight.being, flight.took) == (Wellbeing.FINE, TOOK)
        assert flight.age is not None
        assert flight.age < timedelta(minutes=1)

    def test_a_worker_at_another_recording_is_a_reason_to_wait(self) -> None:
        self.end(JobState.DONE, ago=timedelta(hours=1))
        assert last_flight().being == Wellbeing.LATE
        assert take(desk.enqueue("tests.encode", "long", queue=Queue.MEDIA).pk) is not None
        assert last_flight().being == Wellbeing.BUSY
