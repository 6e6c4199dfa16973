"""Compares a person's confidence on a challenge before and after watching."""

from dataclasses import dataclass
from statistics import fmean

from accounts.models import User
from challenges.models import Challenge, Reading, ReadingMoment


@dataclass(frozen=True)
class ConfidenceChange:
    """Mean rating over the ladder's rungs before and after watching, from 0 to 100."""

    before: float
    after: float

    @property
    def points(self) -> float:
        return self.after - self.before


def latest_confidence_change(challenge: Challenge, *, viewer: User) -> ConfidenceChange | None:
    """Compare the latest reading after watching with the latest one before it; None unless both exist."""
    readings = Reading.objects.by_person(viewer).on_challenge(challenge).with_ratings().newest_first()
    after = readings.filter(moment=ReadingMoment.AFTER).first()
    if after is None:
        return None
    before = readings.filter(moment=ReadingMoment.BEFORE, taken_at__lte=after.taken_at).first()
    if before is None:
        return None
    return ConfidenceChange(before=_mean_rating(before), after=_mean_rating(after))


def _mean_rating(reading: Reading) -> float:
    return fmean(reading.ratings_by_position().values())
