"""What many lists are like together: diverse or not, and who is shown how often."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from matching.engine_contract import Key

ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Exposure:
    """How unevenly people are shown.

    Attributes
    ----------
    coverage
        The share of those who could be shown that stand in at least one list.
    most_shown
        The share of lists in which the most-shown one stands.
    top_percent
        The share of all places that the most-shown hundredth of people takes; at least one person.
    gini
        0 if all are shown equally often, towards 1 if one takes all.
    """

    list_count: int
    coverage: float
    most_shown_share: float
    top_percent_share: float
    gini: float


def measure_exposure(lists: Sequence[Collection[Key]], *, available: Collection[Key]) -> Exposure:
    """Count who stands in the lists, among everybody `available`."""
    times = Counter(key for shown in lists for key in set(shown))
    counts = np.sort([times.get(key, 0) for key in available])[::-1].astype(float)
    places = counts.sum()
    if not places:
        return Exposure(len(lists), 0.0, 0.0, 0.0, 0.0)
    hundredth = max(1, len(counts) // 100)
    rising = counts[::-1]
    gini = 1 - 2 * float(np.sum(np.cumsum(rising) - rising / 2)) / (len(rising) * places)
    return Exposure(
        len(lists),
        float(np.mean(counts > 0)),
        float(counts[0]) / len(lists),
        float(counts[:hundredth].sum() / places),
        gini,
    )


def intra_list_diversity(items: Sequence[ItemT], similarity: Callable[[ItemT, ItemT], float]) -> float:
    """Give the mean unlikeness of all pairs in one list; 0 for a list of one."""
    pairs = [1 - similarity(one, other) for one, other in combinations(items, 2)]
    return float(np.mean(pairs)) if pairs else 0.0
