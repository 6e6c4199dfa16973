"""Did confidence move? The honest numbers, for one person first."""

from dataclasses import dataclass
from statistics import fmean

from accounts.models import User
from challenges.models import Challenge, Reading, ReadingMoment


@dataclass(frozen=True)
class ConfidenceChange:
    """Confidence before and after, in points of the 0-100 scale, as the mean over the ladder's rungs."""

    before: float
    after: float

    @property
    def points(self) -> float:
        return self.after - self.before


def latest_confidence_change(challenge: Challenge, *, viewer: User) -> ConfidenceChange | None:
    """Compare the newest reading after watching with the newest one before it; None until there are both."""
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
