"""Fit how much each trait should count: a ridge that keeps weights at 0 or above and pulls them towards the prior.

The score under the prior is a sum of parts, one a trait. A report is explained by the same sum with every part
multiplied. The multiplier of trait f in domain d is written as three terms, none of them negative::

    m(d, f) = prior + pooled(f) + own(d, f)

and each is a column of one non-negative ridge: the whole score, cheap to use, which is the
pull towards the prior; each part in all domains together; each part within one domain, dearer, so that a domain goes
its own way only as far as its reports carry it.
"""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from matching.engines.contract import Floats
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import TrainingSet

ALL_DOMAINS = ""
# How hard weights are held back, as a multiple of the number of reports; which one is right is found by trying.
RIDGE_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
# The prior's column is so much larger than the others, and thereby so much cheaper to use.
PRIOR_SCALE = 10.0
# A domain's own columns are so much smaller than the pooled ones.
DOMAIN_SCALE = 0.5
# No trait is silenced: the only thing that somebody shared has to count for something.
MIN_RELATIVE_WEIGHT = 0.1
INNER_FOLD_COUNT = 4


class WeightLearner:
    """Learn multipliers of the prior weights from reports.

    Parameters
    ----------
    strengths
        Ridge strengths to choose from, each a multiple of the number of reports. The one whose weights agree best
        with viewers left out is taken; the stronger of two that are equal.
    seed
        Which viewers are left out together.

    Attributes
    ----------
    weights_
        By domain ("" stands for all of them together), then by trait; the mean over traits is 1.
    strength_
        The strength that was taken.
    """

    weights_: Mapping[str, Mapping[str, float]]
    strength_: float

    def __init__(self, *, strengths: Sequence[float] = RIDGE_STRENGTHS, seed: int = 0) -> None:
        self.strengths = strengths
        self.seed = seed

    def fit(self, training_set: TrainingSet) -> Self:
        self.strength_ = self._best_strength(training_set)
        self.weights_ = RidgeFit(training_set).solve_weights(self.strength_)
        return self

    def predict(self, training_set: TrainingSet) -> Floats:
        """Score each report's match under the learned weights; comparable within a sitting only."""
        return score_with_weights(self.weights_, training_set)

    def _best_strength(self, training_set: TrainingSet) -> float:
        if len(self.strengths) == 1:
            return self.strengths[0]
        agreement = dict.fromkeys(sorted(self.strengths, reverse=True), 0.0)
        for train, test in group_k_fold(training_set.viewer_index, count=INNER_FOLD_COUNT, seed=self.seed):
            left_out, fit = training_set.select_rows(test), RidgeFit(training_set.select_rows(train))
            for strength in agreement:
                predicted = score_with_weights(fit.solve_weights(strength), left_out)
                agreement[strength] += float(np.nansum(spearman_by_viewer(predicted, left_out)))
        return max(agreement, key=agreement.__getitem__)


def score_with_weights(weights: Mapping[str, Mapping[str, float]], training_set: TrainingSet) -> Floats:
    """Score by the weights of each report's domain, or the pooled ones where a domain is new."""
    table = np.array(
        [
            [weights.get(domain, weights[ALL_DOMAINS])[trait] for trait in training_set.traits]
            for domain in (*training_set.domains, ALL_DOMAINS)
        ]
    )
    scores: Floats = np.einsum("nf,nf->n", training_set.contributions, table[training_set.domain_index])
    return scores


class RidgeFit:
    """The least squares of some reports, small enough to be solved again for each strength."""

    def __init__(self, training_set: TrainingSet) -> None:
        self._training_set = training_set
        self._reduced_problem = reduce_least_squares(_design_matrix(training_set), training_set.values)

    def solve_weights(self, strength: float) -> dict[str, dict[str, float]]:
        found = solve_non_negative_ridge(*self._reduced_problem, alpha=strength * len(self._training_set))
        return _weights_by_domain(found, self._training_set)


def reduce_least_squares(columns: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Give a square matrix and a vector with the same least squares as `columns` and `values`, but for a constant."""
    sizes, axes = np.linalg.eigh(columns.T @ columns)
    kept = sizes > sizes.max(initial=0) * 1e-12
    roots, axes = np.sqrt(sizes[kept]), axes[:, kept]
    return roots[:, None] * axes.T, (axes.T @ (columns.T @ values)) / roots


def solve_non_negative_ridge(columns: Floats, values: Floats, *, alpha: float) -> Floats:
    """Minimise |values - columns @ w|^2 + alpha * |w|^2 over w >= 0; shape (m,).

    The problem of `sklearn.linear_model.Ridge(positive=True)`, which the tests hold it to, solved exactly: the pull
    towards 0 is written as one more row a column, and the rest is non-negative least squares.
    """
    pull = np.sqrt(alpha) * np.eye(columns.shape[1])
    from scipy.optimize import nnls  # takes long to load, and a web server never learns

    found, _ = nnls(np.vstack([columns, pull]), np.concatenate([values, np.zeros(len(pull))]))
    return found


def _design_matrix(training_set: TrainingSet) -> Floats:
    """Give shape (n, 1 + f + d * f): the prior's score, the pooled parts, the parts by domain (none if only one)."""
    count = len(training_set.traits)
    parts = training_set.contributions / _root_mean_square(training_set.contributions)
    prior = parts.sum(axis=1, keepdims=True) * PRIOR_SCALE / np.sqrt(count)
    blocks = [prior, parts]
    if len(training_set.domains) > 1:
        blocks += [
            parts * (training_set.domain_index == place)[:, None] * DOMAIN_SCALE
            for place in range(len(training_set.domains))
        ]
    return np.hstack(blocks)


def _weights_by_domain(found: Floats, training_set: TrainingSet) -> dict[str, dict[str, float]]:
    count = len(training_set.traits)
    pooled = found[0] * PRIOR_SCALE / np.sqrt(count) + found[1 : 1 + count]
    own = found[1 + count :].reshape(-1, count) * DOMAIN_SCALE
    weights = {ALL_DOMAINS: pooled}
    for domain, extra in zip(training_set.domains, own, strict=False):
        weights[domain] = pooled + extra
    return {
        domain: dict(zip(training_set.traits, _normalise_weights(values).tolist(), strict=True))
        for domain, values in weights.items()
    }


def _normalise_weights(values: Floats) -> Floats:
    """Bring the mean to 1, with no trait below a tenth of it; reports that say nothing leave the prior."""
    mean = float(values.mean())
    if mean <= 0:
        return np.ones_like(values)
    floored = np.maximum(values / mean, MIN_RELATIVE_WEIGHT)
    levelled: Floats = np.round(floored / floored.mean(), 4)
    return levelled


def _root_mean_square(parts: Floats) -> float:
    """Give the usual size of a part, so that a strength means the same for any number of traits."""
    return float(np.sqrt(np.mean(parts**2))) or 1.0
