"""Did confidence move? The honest numbers, for one person first."""

from dataclasses import dataclass
from statistics import fmean

from accounts.models import User
from challenges.models import Challenge, Moment, Reading


@dataclass(frozen=True)
class Change:
    """Confidence before and after, in points of the 0-100 scale, as the mean over the ladder's rungs."""

    before: float
    after: float

    @property
    def points(self) -> float:
        return self.after - self.before


def confidence_change(challenge: Challenge, *, of: User) -> Change | None:
    """Compare the newest reading after watching with the newest one before it; None until there are both."""
    readings = Reading.objects.by(of).on(challenge).with_ratings().newest_first()
    after = readings.filter(moment=Moment.AFTER).first()
    if after is None:
        return None
    before = readings.filter(moment=Moment.BEFORE, taken_at__lte=after.taken_at).first()
    if before is None:
        return None
    return Change(before=_mean(before), after=_mean(after))


def _mean(reading: Reading) -> float:
    return fmean(reading.by_position().values())
