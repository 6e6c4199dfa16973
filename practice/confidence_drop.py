"""Detects a contrast effect: other people's success can make one's own seem further away.

If confidence on a challenge fell after each of the last two viewings, slates show coping stories only, at most one step
ahead, until a reading after watching shows no fall.
"""

from collections.abc import Sequence
from itertools import pairwise

from challenges.models import ReadingMoment

FALLS_IN_A_ROW = 2


def count_consecutive_falls(means: Sequence[tuple[str, float]]) -> int:
    """Count the latest readings after watching that were each below the reading before them.

    Parameters
    ----------
    means
        Moment and mean rating (0 to 100) of one person's readings on one challenge, newest first.
    """
    falls = 0
    for (moment, mean), (_, mean_before) in pairwise(means):
        if moment != ReadingMoment.AFTER:
            continue
        if mean >= mean_before:
            break
        falls += 1
    return falls


def is_discouraged(means: Sequence[tuple[str, float]]) -> bool:
    """Return whether confidence fell after each of the last two viewings; `means` as in `count_consecutive_falls`."""
    return count_consecutive_falls(means) >= FALLS_IN_A_ROW
