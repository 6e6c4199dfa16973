"""Are learned weights better than the ones in use? Asked of viewers whose reports were not learned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.engine_contract import Floats
from matching.evaluation.intervals import Estimate, estimate_mean
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import Indices, ReportKind, TrainingSet, centre_by_group
from matching.learning.weights import WeightLearner, score_with_weights

FOLD_COUNT = 5
# Below this the interval says more about who happened to come than about the weights.
MIN_VIEWERS = 30

WeightsByDomain = Mapping[str, Mapping[str, float]]


class TrialVerdict(StrEnum):
    """What follows from a trial."""

    TOO_FEW = "too_few"
    NOT_BETTER = "not_better"
    BETTER = "better"


@dataclass(frozen=True)
class WeightTrial:
    """How well scores agree with what viewers report (Spearman, by viewer), on viewers left out.

    Attributes
    ----------
    present, learned, popularity
        Under the weights in use, under weights learned from the other viewers, and by what everybody else reported
        of the same teller. The last is shown for comparison and never used: it would make a few people famous.
    gain
        Learned less present, for the same viewers.
    gain_by_kind
        The same for each kind of report there is.
    strength
        How hard the weights learned from all viewers are held to the prior.
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
    """Learn from most viewers, compare on the others, in turn; then learn from all. None without any reports.

    Parameters
    ----------
    present
        The weights in use, as multipliers of the prior, by domain.
    left_out_together
        Shape (n,): groups that stay on one side (evenings, places). By default each viewer is a group.
    """
    if not len(training_set) or len(np.unique(training_set.viewer_index)) < FOLD_COUNT:
        return None
    groups = training_set.viewer_index if fold_groups is None else fold_groups
    before, after = (
        score_with_weights(current_weights, training_set),
        _held_out_scores(training_set, groups, seed),
    )
    gains = spearman_by_viewer(after, training_set) - spearman_by_viewer(before, training_set)
    gain = estimate_mean(gains)
    by_kind = {
        kind: estimate_mean(_gain_for_kind(after, before, training_set, kind))
        for kind in ReportKind
        if kind in training_set.kinds
    }
    whole = WeightLearner(seed=seed).fit(training_set)
    return WeightTrial(
        _decide_verdict(gain, by_kind),
        training_set.viewer_count,
        len(training_set),
        estimate_mean(spearman_by_viewer(before, training_set)),
        estimate_mean(spearman_by_viewer(after, training_set)),
        estimate_mean(spearman_by_viewer(popularity_scores(training_set), training_set)),
        gain,
        by_kind,
        whole.weights_,
        whole.strength_,
    )


def popularity_scores(training_set: TrainingSet) -> Floats:
    """Score each report by the mean of what all others reported of the same teller; 0 where nobody did."""
    totals = np.bincount(training_set.teller_index, weights=training_set.values)
    counts = np.bincount(training_set.teller_index)
    others = counts[training_set.teller_index] - 1
    theirs = totals[training_set.teller_index] - training_set.values
    scores = np.divide(theirs, others, out=np.zeros(len(training_set)), where=others > 0)
    return centre_by_group(scores[:, None], training_set.comparison_group)[:, 0]


def _held_out_scores(training_set: TrainingSet, groups: Indices, seed: int) -> Floats:
    scores = np.zeros(len(training_set))
    count = FOLD_COUNT if groups is training_set.viewer_index else len(np.unique(groups))
    for train, test in group_k_fold(groups, count=count, seed=seed):
        learner = WeightLearner(seed=seed).fit(training_set.select_rows(train))
        scores[test] = learner.predict(training_set.select_rows(test))
    return scores


def _gain_for_kind(after: Floats, before: Floats, training_set: TrainingSet, kind: ReportKind) -> Floats:
    rows = np.array([one == kind for one in training_set.kinds], dtype=bool)
    some = training_set.select_rows(rows)
    return spearman_by_viewer(after[rows], some) - spearman_by_viewer(before[rows], some)


def _decide_verdict(gain: Estimate, by_kind: Mapping[ReportKind, Estimate]) -> TrialVerdict:
    """Better, if the whole interval lies above 0 and no kind of report shows that things got worse."""
    if gain.count < MIN_VIEWERS:
        return TrialVerdict.TOO_FEW
    worse = any(one.is_below_zero for one in by_kind.values())
    return TrialVerdict.BETTER if gain.is_above_zero and not worse else TrialVerdict.NOT_BETTER
