"""Whether recordings can be prepared and watched, told by what became of the last canary."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models.functions import Now

from jobs.models import Job, JobState, Queue
from media.canary import CANARY

FRESH_FOR = timedelta(minutes=15)  # three times as long as the clock waits between two


class Wellbeing(Enum):
    """The value is for machines; `words` are for people."""

    FINE = "fine"
    BUSY = "busy"
    LATE = "late"
    FAILING = "failing"
    UNKNOWN = "unknown"

    @property
    def well(self) -> bool:
        return self in {Wellbeing.FINE, Wellbeing.BUSY}

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Wellbeing.FINE: "Recordings go all the way",
    Wellbeing.BUSY: "Workers are busy with other recordings",
    Wellbeing.LATE: "Nobody takes up recordings",
    Wellbeing.FAILING: "Recordings do not get through",
    Wellbeing.UNKNOWN: "Not tried yet",
}


@dataclass(frozen=True)
class Flight:
    """What is known of the last canary. `age` is since it came through, `took` is from handing in to the end."""

    being: Wellbeing
    age: timedelta | None = None
    took: timedelta | None = None
    reason: str = ""


@dataclass(frozen=True)
class Ended:
    """One canary that came to an end."""

    well: bool
    at: datetime
    took: timedelta
    reason: str


def judge(last: Ended | None, before: Ended | None, *, now: datetime, others_at_work: bool) -> Flight:
    """Say how we are from the last canary that ended, and from the last one that came through, if that is another."""
    arrived = last if last is not None and last.well else before
    age = None if arrived is None else now - arrived.at
    took = None if arrived is None else arrived.took
    if last is None:
        return Flight(Wellbeing.UNKNOWN)
    if not last.well:
        return Flight(Wellbeing.FAILING, age, took, last.reason)
    if now - last.at <= FRESH_FOR:
        return Flight(Wellbeing.FINE, age, took)
    return Flight(Wellbeing.BUSY if others_at_work else Wellbeing.LATE, age, took)


def last_flight() -> Flight:
    """Return how recordings do, at the database's time."""
    ended = Job.objects.filter(kind=CANARY, state__in=[JobState.DONE, JobState.QUARANTINED])
    facts = ended.order_by("-finished_at").values_list("state", "finished_at", "created_at", "reason", Now())
    last, arrived = facts.first(), facts.filter(state=JobState.DONE).first()
    if last is None:
        return Flight(Wellbeing.UNKNOWN)
    others = Job.objects.at_work().filter(queue=Queue.MEDIA).exclude(kind=CANARY).exists()
    before = None if arrived is None else _ended(*arrived[:4])
    return judge(_ended(*last[:4]), before, now=last[4], others_at_work=others)


def _ended(state: str, at: datetime | None, began: datetime, reason: str) -> Ended:
    if at is None:
        raise ValueError("a job that has ended has no date")
    return Ended(state == JobState.DONE, at, at - began, reason)
