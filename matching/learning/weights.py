"""Learn the weight of each trait: a non-negative ridge that shrinks towards the prior.

The score under the prior is a sum of one part per trait. A report is modelled as the same sum with a multiplier per part.
The multiplier of trait f in domain d is the sum of three terms, none of them negative::

    m(d, f) = prior + pooled(f) + own(d, f)

Each term is a column of one non-negative ridge. The prior's column is the whole score, scaled up so that it is penalised
least; each trait has a column for all domains; and each trait has a column per domain, scaled down so that a domain departs
from the pooled weights only as far as its reports justify.
"""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from matching.engine_contract import Floats
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import TrainingSet

ALL_DOMAINS = ""
# Ridge penalties as multiples of the number of reports; cross-validation chooses one.
RIDGE_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
# Scale of the prior's column: a larger column needs a smaller, less penalised coefficient.
PRIOR_SCALE = 10.0
# Scale of a domain's own columns, relative to the pooled ones.
DOMAIN_SCALE = 0.5
# No weight falls below this: if a person shared a single trait, it must count.
MIN_RELATIVE_WEIGHT = 0.1
INNER_FOLD_COUNT = 4


class WeightLearner:
    """Learns multipliers of the prior weights from reports.

    Parameters
    ----------
    strengths
        Ridge penalties to choose from, as multiples of the number of reports. The one whose weights agree best with
        left-out viewers wins; of equals, the strongest.
    seed
        Seed of the folds.

    Attributes
    ----------
    weights_
        By domain ("" for all together), then by trait; the mean over traits is 1.
    strength_
        The chosen penalty.
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
        """Return the score of each report's match under the learned weights; comparable within a sitting only."""
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
    """Return scores by the weights of each report's domain, or the pooled ones for a new domain."""
    table = np.array(
        [
            [weights.get(domain, weights[ALL_DOMAINS])[trait] for trait in training_set.traits]
            for domain in (*training_set.domains, ALL_DOMAINS)
        ]
    )
    scores: Floats = np.einsum("nf,nf->n", training_set.contributions, table[training_set.domain_index])
    return scores


class RidgeFit:
    """The least-squares problem of some reports, reduced so that each penalty is quick to solve."""

    def __init__(self, training_set: TrainingSet) -> None:
        self._training_set = training_set
        self._reduced_problem = reduce_least_squares(_design_matrix(training_set), training_set.values)

    def solve_weights(self, strength: float) -> dict[str, dict[str, float]]:
        coefficients = solve_non_negative_ridge(
            *self._reduced_problem, alpha=strength * len(self._training_set)
        )
        return _weights_by_domain(coefficients, self._training_set)


def reduce_least_squares(columns: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return a square matrix and a vector with the same least-squares solution as `columns` and `values`."""
    sizes, axes = np.linalg.eigh(columns.T @ columns)
    kept = sizes > sizes.max(initial=0) * 1e-12
    roots, axes = np.sqrt(sizes[kept]), axes[:, kept]
    return roots[:, None] * axes.T, (axes.T @ (columns.T @ values)) / roots


def solve_non_negative_ridge(columns: Floats, values: Floats, *, alpha: float) -> Floats:
    """Minimise |values - columns @ w|^2 + alpha * |w|^2 over w >= 0; shape (m,)."""
    from sklearn.linear_model import Ridge  # imports for seconds; only the nightly worker learns

    # Scaled to a penalty of 1, because the solver's tolerance is absolute and its sums grow with the number of reports.
    scale = np.sqrt(alpha)
    ridge = Ridge(alpha=1.0, positive=True, fit_intercept=False, tol=1e-6)
    coefficients: Floats = ridge.fit(columns / scale, values / scale).coef_
    return coefficients


def _design_matrix(training_set: TrainingSet) -> Floats:
    """Return shape (n, 1 + f + d * f): the prior's score, the parts, and the parts by domain if there are several."""
    count = len(training_set.traits)
    parts = training_set.contributions / _root_mean_square(training_set.contributions)
    prior = parts.sum(axis=1, keepdims=True) * PRIOR_SCALE / np.sqrt(count)
    blocks = [prior, parts]
    if len(training_set.domains) > 1:
        blocks += [
            parts * (training_set.domain_index == position)[:, None] * DOMAIN_SCALE
            for position in range(len(training_set.domains))
        ]
    return np.hstack(blocks)


def _weights_by_domain(coefficients: Floats, training_set: TrainingSet) -> dict[str, dict[str, float]]:
    count = len(training_set.traits)
    pooled = coefficients[0] * PRIOR_SCALE / np.sqrt(count) + coefficients[1 : 1 + count]
    own = coefficients[1 + count :].reshape(-1, count) * DOMAIN_SCALE
    weights = {ALL_DOMAINS: pooled}
    for domain, extra in zip(training_set.domains, own, strict=False):
        weights[domain] = pooled + extra
    return {
        domain: dict(zip(training_set.traits, _normalise_weights(values).tolist(), strict=True))
        for domain, values in weights.items()
    }


def _normalise_weights(values: Floats) -> Floats:
    """Scale to a mean of 1 with a minimum of a tenth of it; without any signal, return the prior."""
    mean = float(values.mean())
    if mean <= 0:
        return np.ones_like(values)
    floored = np.maximum(values / mean, MIN_RELATIVE_WEIGHT)
    levelled: Floats = np.round(floored / floored.mean(), 4)
    return levelled


def _root_mean_square(parts: Floats) -> float:
    """Return the root mean square, so that a penalty means the same for any number of traits."""
    return float(np.sqrt(np.mean(parts**2))) or 1.0
