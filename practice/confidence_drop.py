"""Watch for contrast: other people's success can make one's own seem further away.

When confidence on a challenge has fallen after each of the last two viewings, stories go nearer: coping ones only, and
a step ahead at most, until a reading after watching shows no fall.
"""

from collections.abc import Sequence
from itertools import pairwise

from django.db.models import Avg

from challenges.models import Reading, ReadingMoment

MIN_CONSECUTIVE_FALLS = 2
# Readings to look back over: each viewing leaves one, and there may be others between.
MAX_READINGS = 12


def count_consecutive_falls(means: Sequence[tuple[str, float]]) -> int:
    """Count the latest readings after watching that were each below the reading before them.

    Parameters
    ----------
    means
        Moment and mean rating (0 to 100) of one person's readings on one challenge, newest first.
    """
    falls = 0
    for (moment, mean), (_, before) in pairwise(means):
        if moment != ReadingMoment.AFTER:
            continue
        if mean >= before:
            break
        falls += 1
    return falls


def is_discouraged(reading: Reading) -> bool:
    """Say whether somebody's confidence fell after each of the last two viewings up to this reading."""
    readings = (
        Reading.objects.filter(
            person=reading.person_id, challenge=reading.challenge_id, taken_at__lte=reading.taken_at
        )
        .annotate(mean=Avg("ratings__value"))
        .newest_first()
        .values_list("moment", "mean")[:MAX_READINGS]
    )
    return (
        count_consecutive_falls([(moment, float(mean)) for moment, mean in readings]) >= MIN_CONSECUTIVE_FALLS
    )
