"""Cross-validation by groups of viewers, with rank correlation as the score."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats
from matching.learning.training_set import Indices, TrainingSet, centre_by_group

TrainTestMasks = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def group_k_fold(group: Indices, *, count: int, seed: int) -> Iterator[TrainTestMasks]:
    """Yield masks of training and test rows, shape (n,) each; a group is never in both.

    With fewer groups than `count`, each group is a fold.
    """
    groups = np.unique(group)
    count = min(count, len(groups))
    fold_of_group = np.empty(len(groups), dtype=np.intp)
    fold_of_group[np.random.default_rng(seed).permutation(len(groups))] = np.arange(len(groups)) % max(
        count, 1
    )
    fold_of_row = fold_of_group[np.searchsorted(groups, group)]
    for fold in range(count):
        yield fold_of_row != fold, fold_of_row == fold


def spearman_by_viewer(scores: Floats, training_set: TrainingSet) -> Floats:
    """Return each viewer's Spearman correlation of scores and reports, the mean over their comparison groups.

    Shape (v,), in the order of viewers; NaN for a viewer whose reports are all equal. Equal scores correlate by 0.
    """
    groups, first, group = np.unique(training_set.comparison_group, return_index=True, return_inverse=True)
    score_ranks = _ranks_within_groups(np.round(scores, 12), group)
    report_ranks = _ranks_within_groups(training_set.values, group)
    covariance, score_variance, report_variance = (
        np.bincount(group, weights=product, minlength=len(groups))
        for product in (score_ranks * report_ranks, score_ranks**2, report_ranks**2)
    )
    norm = np.sqrt(score_variance * report_variance)
    correlation = np.divide(covariance, norm, out=np.zeros_like(norm), where=norm > 0)
    viewers, viewer_of_group = np.unique(training_set.viewer_index[first], return_inverse=True)
    varies = report_variance > 0
    counts = np.bincount(viewer_of_group[varies], minlength=len(viewers))
    sums = np.bincount(viewer_of_group[varies], weights=correlation[varies], minlength=len(viewers))
    means: Floats = np.divide(sums, counts, out=np.full(len(viewers), np.nan), where=counts > 0)
    return means


def _ranks_within_groups(values: Floats, group: Indices) -> Floats:
    """Return each row's rank minus the mean rank of its group; ties share their mean rank."""
    order = np.lexsort((values, group))
    starts_tie = np.concatenate([[True], (np.diff(values[order]) != 0) | (np.diff(group[order]) != 0)])
    tie = np.cumsum(starts_tie) - 1
    mean_rank = np.bincount(tie, weights=np.arange(len(values))) / np.bincount(tie)
    ranks = np.empty(len(values))
    ranks[order] = mean_rank[tie]
    return centre_by_group(ranks[:, None], group)[:, 0]
