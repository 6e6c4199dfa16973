"""Leave viewers out, and say how well scores agree with what those left out reported."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats
from matching.learning.training_set import Indices, TrainingSet, centre_by_group

TrainTestMasks = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def group_k_fold(group: Indices, *, count: int, seed: int) -> Iterator[TrainTestMasks]:
    """Yield rows to learn from and rows to test on, `count` times; a group is never on both sides.

    Fewer groups than folds give a fold for each group.
    """
    there = np.unique(group)
    count = min(count, len(there))
    fold = np.empty(len(there), dtype=np.intp)
    fold[np.random.default_rng(seed).permutation(len(there))] = np.arange(len(there)) % max(count, 1)
    of_row = fold[np.searchsorted(there, group)]
    for place in range(count):
        yield of_row != place, of_row == place


def spearman_by_viewer(scores: Floats, training_set: TrainingSet) -> Floats:
    """Give each viewer's Spearman correlation between scores and reports, averaged over their sittings.

    Shape (v,), in the order of viewers; not a number for a viewer whose reports are all alike. Scores that do not
    tell anybody apart agree by 0.
    """
    sittings, first, place = np.unique(training_set.comparison_group, return_index=True, return_inverse=True)
    ours, theirs = (
        _ranks_within_groups(values, place) for values in (np.round(scores, 12), training_set.values)
    )
    shared, our_size, their_size = (
        np.bincount(place, weights=product, minlength=len(sittings))
        for product in (ours * theirs, ours * ours, theirs * theirs)
    )
    size = np.sqrt(our_size * their_size)
    agreement = np.divide(shared, size, out=np.zeros_like(size), where=size > 0)
    viewers, owner = np.unique(training_set.viewer_index[first], return_inverse=True)
    told_apart = their_size > 0
    counts = np.bincount(owner[told_apart], minlength=len(viewers))
    sums = np.bincount(owner[told_apart], weights=agreement[told_apart], minlength=len(viewers))
    means: Floats = np.divide(sums, counts, out=np.full(len(viewers), np.nan), where=counts > 0)
    return means


def _ranks_within_groups(values: Floats, group: Indices) -> Floats:
    """Give each row's rank less the mean rank of its group; equal values share the middle of their ranks."""
    order = np.lexsort((values, group))
    fresh = np.concatenate([[True], (np.diff(values[order]) != 0) | (np.diff(group[order]) != 0)])
    tie = np.cumsum(fresh) - 1
    middle = np.bincount(tie, weights=np.arange(len(values))) / np.bincount(tie)
    ranks = np.empty(len(values))
    ranks[order] = middle[tie]
    return centre_by_group(ranks[:, None], group)[:, 0]
