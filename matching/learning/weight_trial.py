"""Compares learned weights with the current ones on left-out viewers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.engine_contract import Floats
from matching.evaluation.intervals import Estimate, estimate_mean
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import Indices, ReportKind, TrainingSet, centre_by_group
from matching.learning.weights import WeightLearner, WeightsByDomain, score_with_weights

FOLD_COUNT = 5
# With fewer viewers the interval depends mostly on who took part.
MIN_VIEWERS = 30


class TrialVerdict(StrEnum):
    TOO_FEW = "too_few"
    NOT_BETTER = "not_better"
    BETTER = "better"


@dataclass(frozen=True)
class WeightTrial:
    """Spearman correlations of scores and reports by viewer, on left-out viewers.

    Attributes
    ----------
    present, learned, popularity
        By the current weights, by weights learned from the other viewers, and by everybody else's mean report on the same
        teller. Popularity is for comparison only: ranking by it would show a few people to everybody.
    gain
        Learned minus present, for the same viewers.
    strength
        The ridge penalty of the weights learned from all viewers.
    """

    verdict: TrialVerdict
    viewers: int
    reports: int
    present: Estimate
    learned: Estimate
    popularity: Estimate
    gain: Estimate
    gain_by_kind: Mapping[ReportKind, Estimate]
    weights: WeightsByDomain
    strength: float


def run_weight_trial(
    training_set: TrainingSet,
    *,
    current_weights: WeightsByDomain,
    seed: int = 0,
    fold_groups: Indices | None = None,
) -> WeightTrial | None:
    """Cross-validate learned weights, then learn from all reports; returns None with fewer viewers than folds.

    Parameters
    ----------
    current_weights
        By domain, as multiples of the prior.
    fold_groups
        Shape (n,): groups that stay on one side of each split (evenings, places). By default each viewer is a group.
    """
    if training_set.viewer_count < FOLD_COUNT:
        return None
    groups = training_set.viewer_index if fold_groups is None else fold_groups
    current_scores = score_with_weights(current_weights, training_set)
    learned_scores = _held_out_scores(training_set, groups, seed)
    current_correlation = spearman_by_viewer(current_scores, training_set)
    learned_correlation = spearman_by_viewer(learned_scores, training_set)
    gain = estimate_mean(learned_correlation - current_correlation)
    gain_by_kind = _gain_by_kind(learned_scores, current_scores, training_set)
    full_fit = WeightLearner(seed=seed).fit(training_set)
    return WeightTrial(
        _decide_verdict(gain, gain_by_kind),
        training_set.viewer_count,
        len(training_set),
        estimate_mean(current_correlation),
        estimate_mean(learned_correlation),
        estimate_mean(spearman_by_viewer(popularity_scores(training_set), training_set)),
        gain,
        gain_by_kind,
        full_fit.weights_,
        full_fit.strength_,
    )


def popularity_scores(training_set: TrainingSet) -> Floats:
    """Return, for each report, the mean of all other reports on the same teller, or 0 if there are none."""
    totals = np.bincount(training_set.teller_index, weights=training_set.values)
    counts = np.bincount(training_set.teller_index)
    other_count = counts[training_set.teller_index] - 1
    other_sum = totals[training_set.teller_index] - training_set.values
    scores = np.divide(other_sum, other_count, out=np.zeros(len(training_set)), where=other_count > 0)
    return centre_by_group(scores[:, None], training_set.comparison_group)[:, 0]


def _held_out_scores(training_set: TrainingSet, groups: Indices, seed: int) -> Floats:
    scores = np.zeros(len(training_set))
    count = FOLD_COUNT if groups is training_set.viewer_index else len(np.unique(groups))
    for train, test in group_k_fold(groups, count=count, seed=seed):
        learner = WeightLearner(seed=seed).fit(training_set.select_rows(train))
        scores[test] = learner.predict(training_set.select_rows(test))
    return scores


def _gain_by_kind(learned: Floats, current: Floats, training_set: TrainingSet) -> dict[ReportKind, Estimate]:
    gains = {}
    for kind in ReportKind:
        if kind in training_set.kinds:
            mask = training_set.mask_of_kind(kind)
            subset = training_set.select_rows(mask)
            gain = spearman_by_viewer(learned[mask], subset) - spearman_by_viewer(current[mask], subset)
            gains[kind] = estimate_mean(gain)
    return gains


def _decide_verdict(gain: Estimate, gain_by_kind: Mapping[ReportKind, Estimate]) -> TrialVerdict:
    """Better if the whole interval is above 0 and no kind of report shows a loss."""
    if gain.count < MIN_VIEWERS:
        return TrialVerdict.TOO_FEW
    has_loss = any(kind_gain.is_below_zero for kind_gain in gain_by_kind.values())
    return TrialVerdict.BETTER if gain.is_above_zero and not has_loss else TrialVerdict.NOT_BETTER
