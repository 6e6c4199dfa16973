"""Learns the weight of each trait: a non-negative ridge that shrinks towards the prior.

The score under the prior is a sum of one contribution per trait. A report is modelled as the same sum with a multiplier per
contribution. The multiplier of trait f in domain d is the sum of three non-negative terms::

    m(d, f) = prior + pooled(f) + own(d, f)

Each term is a column of one non-negative ridge. The prior's column is the whole score, scaled up so that it is penalised
least; each trait has a column for all domains; and each trait has a column per domain, scaled down so that a domain departs
from the pooled weights only as far as its reports justify.
"""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from threadpoolctl import threadpool_limits

from matching.engine_contract import Floats
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import TrainingSet

WeightsByDomain = Mapping[str, Mapping[str, float]]

ALL_DOMAINS = ""
# Ridge penalties as multiples of the number of reports; cross-validation chooses one.
RIDGE_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
# Scale of the prior's column: a larger column needs a smaller, less penalised coefficient.
PRIOR_SCALE = 10.0
# Scale of a domain's own columns, relative to the pooled ones.
DOMAIN_SCALE = 0.5
# No weight falls below this, so that a viewer who answered a single question still has matches.
MIN_RELATIVE_WEIGHT = 0.1
INNER_FOLD_COUNT = 4


class WeightLearner:
    """Learns multipliers of the prior weights from reports.

    Parameters
    ----------
    strengths
        Ridge penalties, as multiples of the number of reports. Cross-validation chooses the one that agrees best with
        left-out viewers; the strongest wins a tie.
    seed
        Seed of the folds.

    Attributes
    ----------
    weights_
        By domain ("" for all), then by trait; the mean over traits is 1.
    strength_
        The chosen penalty.
    """

    weights_: WeightsByDomain
    strength_: float

    def __init__(self, *, strengths: Sequence[float] = RIDGE_STRENGTHS, seed: int = 0) -> None:
        self.strengths = strengths
        self.seed = seed

    def fit(self, training_set: TrainingSet) -> Self:
        import sklearn.linear_model  # noqa: F401  # takes seconds to import, and loads the BLAS that is limited next

        # The matrices are so small that starting BLAS threads takes longer than the arithmetic.
        with threadpool_limits(limits=1):
            self.strength_ = self._best_strength(training_set)
            self.weights_ = RidgeFit(training_set).solve_weights(self.strength_)
        return self

    def predict(self, training_set: TrainingSet) -> Floats:
        """Return scores by the learned weights; comparable within a comparison group only."""
        return score_with_weights(self.weights_, training_set)

    def _best_strength(self, training_set: TrainingSet) -> float:
        if len(self.strengths) == 1:
            return self.strengths[0]
        agreement = dict.fromkeys(sorted(self.strengths, reverse=True), 0.0)
        for train, test in group_k_fold(training_set.viewer_index, count=INNER_FOLD_COUNT, seed=self.seed):
            left_out, ridge = training_set.select_rows(test), RidgeFit(training_set.select_rows(train))
            for strength in agreement:
                predicted = score_with_weights(ridge.solve_weights(strength), left_out)
                agreement[strength] += float(np.nansum(spearman_by_viewer(predicted, left_out)))
        return max(agreement, key=agreement.__getitem__)


def score_with_weights(weights: WeightsByDomain, training_set: TrainingSet) -> Floats:
    """Return scores by the weights of each report's domain, or the pooled weights for a new domain."""
    table = np.array(
        [
            [weights.get(domain, weights[ALL_DOMAINS])[trait] for trait in training_set.traits]
            for domain in (*training_set.domains, ALL_DOMAINS)
        ]
    )
    scores: Floats = np.einsum("nf,nf->n", training_set.contributions, table[training_set.domain_index])
    return scores


class RidgeFit:
    """The least-squares problem of a training set, reduced so that each penalty is quick to solve."""

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
    eigenvalues, eigenvectors = np.linalg.eigh(columns.T @ columns)
    significant = eigenvalues > eigenvalues.max(initial=0) * 1e-12
    roots, eigenvectors = np.sqrt(eigenvalues[significant]), eigenvectors[:, significant]
    return roots[:, None] * eigenvectors.T, (eigenvectors.T @ (columns.T @ values)) / roots


def solve_non_negative_ridge(columns: Floats, values: Floats, *, alpha: float) -> Floats:
    """Minimise |values - columns @ w|^2 + alpha * |w|^2 over w >= 0; shape (m,)."""
    from sklearn.linear_model import Ridge  # takes seconds to import

    # Scaled to a penalty of 1, because the solver's tolerance is absolute and its sums grow with the number of reports.
    scale = np.sqrt(alpha)
    ridge = Ridge(alpha=1.0, positive=True, fit_intercept=False, tol=1e-6)
    coefficients: Floats = ridge.fit(columns / scale, values / scale).coef_
    return coefficients


def _design_matrix(training_set: TrainingSet) -> Floats:
    """Return shape (n, 1 + f + d * f): score under the prior, contributions, and contributions by domain if several."""
    # The same root mean square for all, so that a penalty means the same for any number of traits.
    contributions = training_set.contributions / (np.sqrt(np.mean(training_set.contributions**2)) or 1.0)
    prior = contributions.sum(axis=1, keepdims=True) * PRIOR_SCALE / np.sqrt(len(training_set.traits))
    blocks = [prior, contributions]
    if len(training_set.domains) > 1:
        blocks += [
            contributions * (training_set.domain_index == position)[:, None] * DOMAIN_SCALE
            for position in range(len(training_set.domains))
        ]
    return np.hstack(blocks)


def _weights_by_domain(coefficients: Floats, training_set: TrainingSet) -> dict[str, dict[str, float]]:
    count = len(training_set.traits)
    pooled = coefficients[0] * PRIOR_SCALE / np.sqrt(count) + coefficients[1 : 1 + count]
    own = coefficients[1 + count :].reshape(-1, count) * DOMAIN_SCALE
    weights = {ALL_DOMAINS: pooled}
    for domain, domain_weights in zip(training_set.domains, own, strict=False):
        weights[domain] = pooled + domain_weights
    return {
        domain: dict(zip(training_set.traits, _normalise_weights(values).tolist(), strict=True))
        for domain, values in weights.items()
    }


def _normalise_weights(values: Floats) -> Floats:
    """Scale to a mean of 1 after raising small weights to the minimum; all-zero weights give the prior."""
    mean = float(values.mean())
    if mean <= 0:
        return np.ones_like(values)
    raised = np.maximum(values / mean, MIN_RELATIVE_WEIGHT)
    weights: Floats = np.round(raised / raised.mean(), 4)
    return weights
