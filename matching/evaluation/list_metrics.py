"""Metrics of many lists: diversity, coverage and exposure."""

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
    """How unevenly items are shown.

    Attributes
    ----------
    coverage
        The share of available items in at least one list.
    most_shown_share
        The share of lists with the most-shown item.
    top_percent_share
        The share of all slots with the most-shown 1 % of items, or with one item if there are fewer than 100.
    gini
        0 if all are shown equally often, 1 if one fills all slots.
    """

    coverage: float
    most_shown_share: float
    top_percent_share: float
    gini: float


def measure_exposure(lists: Sequence[Collection[Key]], *, available: Collection[Key]) -> Exposure:
    count_by_key = Counter(key for items in lists for key in set(items))
    ascending = np.sort([count_by_key[key] for key in available]).astype(float)
    slots = ascending.sum()
    if not slots:
        return Exposure(0.0, 0.0, 0.0, 0.0)
    percent = max(1, len(ascending) // 100)
    gini = 1 - 2 * float(np.sum(np.cumsum(ascending) - ascending / 2)) / (len(ascending) * slots)
    return Exposure(
        float(np.mean(ascending > 0)),
        float(ascending[-1]) / len(lists),
        float(ascending[-percent:].sum() / slots),
        gini,
    )


def intra_list_diversity(items: Sequence[ItemT], similarity: Callable[[ItemT, ItemT], float]) -> float:
    """Return the mean dissimilarity of all pairs in one list; 0 for a list of one."""
    dissimilarities = [1 - similarity(first, second) for first, second in combinations(items, 2)]
    return float(np.mean(dissimilarities)) if dissimilarities else 0.0
