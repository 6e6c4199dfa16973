"""A scikit-learn estimator of the engine: `fit(X)` and `kneighbors(X)` on numeric arrays, NaN for missing values.

Importing this module loads scikit-learn, which takes seconds, so web processes do not import it.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from matching.engine import InMemoryEngine
from matching.engine_contract import Floats
from matching.similarity import MAX_BASE_WEIGHT, WeightedQuery
from matching.traits import Answer, NumericTrait, TraitCatalogue

# Steps between the minimum and the maximum of a feature; values are rounded to the nearest.
RESOLUTION = 4_000


class NeutralNeighbors(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Exact nearest neighbours by neutral similarity, for numeric features with missing values.

    For a query q and a sample x, over the features f that q has::

        similarity = sum_f w_f * s_f / sum_f w_f
        s_f        = 1 - |q_f - x_f| / range_f,   or, if x lacks f, its mean over the samples that have f

    and the distance is 1 - similarity. Gower's coefficient [1]_ leaves out features that either lacks; here a missing value
    neither helps nor harms a sample.

    Parameters
    ----------
    feature_weights
        Shape (n_features,), from 0 to `matching.similarity.MAX_BASE_WEIGHT`; None weighs all equally.

    Attributes
    ----------
    engine_
        The `matching.engine.InMemoryEngine` of the samples, by row number.

    Notes
    -----
    NaN means missing. A feature's range is that of the samples, whose values are rounded to the nearest of 4,000 steps; a
    query's value outside the range counts as the nearer end. Ties go to the lower row.

    References
    ----------
    .. [1] J. C. Gower, "A general coefficient of similarity and some of its properties", Biometrics 27(4), 1971.
    """

    def __init__(self, n_neighbors: int = 5, *, feature_weights: ArrayLike | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.feature_weights = feature_weights

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: ARG002, N803  # scikit-learn's signature
        """Index samples of shape (n_samples, n_features)."""
        samples = _validated(self, X, reset=True)
        self.feature_weights_ = _valid_weights(self.feature_weights, samples.shape[1])
        self._catalogue = TraitCatalogue(_trait(number, column) for number, column in enumerate(samples.T))
        self._samples = samples
        self.n_samples_fit_ = len(samples)
        self.engine_ = InMemoryEngine(self._catalogue).fit([self._answers(sample) for sample in samples])
        return self

    def kneighbors(
        self,
        X: ArrayLike | None = None,  # noqa: N803  # scikit-learn's signature
        n_neighbors: int | None = None,
        return_distance: bool = True,  # noqa: FBT001, FBT002
    ) -> tuple[Floats, NDArray[np.intp]] | NDArray[np.intp]:
        """Return distances and indices, nearest first, shape (n_queries, n_neighbors) each.

        Without X, the neighbours of each sample, not counting the sample itself.
        """
        check_is_fitted(self)
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        max_k = self.n_samples_fit_ - (X is None)
        if not 0 < k <= max_k:
            raise ValueError(f"n_neighbors must be from 1 to {max_k}, not {k}")
        samples = self._samples if X is None else _validated(self, X, reset=False)
        queries = [self._query(sample) for sample in samples]
        distances, indices = self.engine_.kneighbors(queries, k + (X is None))
        if X is None:
            others = indices != np.arange(len(samples))[:, None]
            # A sample with k ties before it is not among its k + 1 nearest.
            others[others.all(axis=1), -1] = False
            distances, indices = distances[others].reshape(-1, k), indices[others].reshape(-1, k)
        return (distances, indices) if return_distance else indices

    def _query(self, sample: Floats) -> WeightedQuery:
        answers = self._answers(sample)
        weights = {key: float(self.feature_weights_[int(key)]) for key in answers}
        return WeightedQuery(answers, {key: weight for key, weight in weights.items() if weight})

    def _answers(self, sample: Floats) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        for trait, value in zip(self._catalogue, sample.tolist(), strict=True):
            if not np.isnan(value) and isinstance(trait, NumericTrait):
                answer = trait.clean(min(max(value, trait.minimum), trait.maximum))
                if answer is not None:
                    answers[trait.key] = answer
        return answers


def _validated(estimator: NeutralNeighbors, samples: ArrayLike, *, reset: bool) -> Floats:
    validated: Floats = validate_data(
        estimator, samples, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
    )
    return validated


def _valid_weights(feature_weights: ArrayLike | None, count: int) -> Floats:
    weights = np.ones(count) if feature_weights is None else np.asarray(feature_weights, dtype=np.float64)
    if weights.shape != (count,) or not np.all((weights >= 0) & (weights <= MAX_BASE_WEIGHT)):
        raise ValueError(f"feature_weights must be {count} numbers from 0 to {MAX_BASE_WEIGHT:g}")
    return weights


def _trait(number: int, column: Floats) -> NumericTrait:
    known = column[~np.isnan(column)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low == high:
        high = low + max(1.0, abs(low))
    return NumericTrait(
        key=str(number),
        label="",
        question="",
        minimum=low,
        maximum=high,
        unit="",
        step=(high - low) / RESOLUTION,
    )
