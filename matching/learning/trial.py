"""Are learned weights better than the ones in use? Asked of viewers whose reports were not learned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.engines.contract import Floats
from matching.evaluation.intervals import Estimate, mean_of
from matching.learning.evidence import Codes, Evidence, Kind, within
from matching.learning.folds import folded, rank_agreement
from matching.learning.weights import WeightLearner, scores_under

FOLDS = 5
# Below this the interval says more about who happened to come than about the weights.
FEWEST_VIEWERS = 30

Weights = Mapping[str, Mapping[str, float]]


class Verdict(StrEnum):
    """What follows from a trial."""

    TOO_FEW = "too_few"
    NOT_BETTER = "not_better"
    BETTER = "better"


@dataclass(frozen=True)
class Trial:
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

    verdict: Verdict
    viewers: int
    reports: int
    present: Estimate
    learned: Estimate
    popularity: Estimate
    gain: Estimate
    gain_by_kind: Mapping[Kind, Estimate]
    weights: Weights
    strength: float


def hold_trial(
    evidence: Evidence, *, present: Weights, seed: int = 0, left_out_together: Codes | None = None
) -> Trial | None:
    """Learn from most viewers, compare on the others, in turn; then learn from all. None without any reports.

    Parameters
    ----------
    present
        The weights in use, as multipliers of the prior, by domain.
    left_out_together
        Shape (n,): groups that stay on one side (evenings, places). By default each viewer is a group.
    """
    if not len(evidence) or len(np.unique(evidence.viewer)) < FOLDS:
        return None
    groups = evidence.viewer if left_out_together is None else left_out_together
    before, after = scores_under(present, evidence), _left_out_scores(evidence, groups, seed)
    gains = rank_agreement(after, evidence) - rank_agreement(before, evidence)
    gain = mean_of(gains)
    by_kind = {kind: mean_of(_gain(after, before, evidence, kind)) for kind in Kind if kind in evidence.kinds}
    whole = WeightLearner(seed=seed).fit(evidence)
    return Trial(
        _judged(gain, by_kind),
        evidence.viewers,
        len(evidence),
        mean_of(rank_agreement(before, evidence)),
        mean_of(rank_agreement(after, evidence)),
        mean_of(rank_agreement(popularity(evidence), evidence)),
        gain,
        by_kind,
        whole.weights_,
        whole.strength_,
    )


def popularity(evidence: Evidence) -> Floats:
    """Score each report by the mean of what all others reported of the same teller; 0 where nobody did."""
    totals = np.bincount(evidence.teller, weights=evidence.values)
    counts = np.bincount(evidence.teller)
    others = counts[evidence.teller] - 1
    theirs = totals[evidence.teller] - evidence.values
    scores = np.divide(theirs, others, out=np.zeros(len(evidence)), where=others > 0)
    return within(scores[:, None], evidence.sitting)[:, 0]


def _left_out_scores(evidence: Evidence, groups: Codes, seed: int) -> Floats:
    scores = np.zeros(len(evidence))
    count = FOLDS if groups is evidence.viewer else len(np.unique(groups))
    for train, test in folded(groups, count=count, seed=seed):
        learner = WeightLearner(seed=seed).fit(evidence.among(train))
        scores[test] = learner.predict(evidence.among(test))
    return scores


def _gain(after: Floats, before: Floats, evidence: Evidence, kind: Kind) -> Floats:
    rows = np.array([one == kind for one in evidence.kinds], dtype=bool)
    some = evidence.among(rows)
    return rank_agreement(after[rows], some) - rank_agreement(before[rows], some)


def _judged(gain: Estimate, by_kind: Mapping[Kind, Estimate]) -> Verdict:
    """Better, if the whole interval lies above 0 and no kind of report shows that things got worse."""
    if gain.count < FEWEST_VIEWERS:
        return Verdict.TOO_FEW
    worse = any(one.below_zero for one in by_kind.values())
    return Verdict.BETTER if gain.above_zero and not worse else Verdict.NOT_BETTER
