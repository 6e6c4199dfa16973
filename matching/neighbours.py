"""Neutral similarity as scikit-learn's users know neighbours: `fit(X)`, `kneighbors(X)`, arrays in and arrays out.

A thin front: the work is that of `matching.engines.scan.ScanEngine`. Importing this module loads scikit-learn, which takes
seconds, so nothing that serves people does.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from matching.engines.contract import Floats
from matching.engines.scan import ScanEngine
from matching.engines.searching import load_search
from matching.similarity import WeightedQuery
from matching.traits.catalogue import Answer, NumericTrait, TraitCatalogue

# Steps between the least and the greatest value of a feature; a value is kept to the nearest.
RESOLUTION = 4_000


class NeutralNeighbors(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Exact nearest neighbours by neutral similarity, for numeric features some of which are unknown.

    For a query q and a sample x, over the features that q knows::

        similarity = sum_f w_f * s_f / sum_f w_f
        s_f        = 1 - |q_f - x_f| / range_f,   or, where x does not know f, its mean over the samples that do

    and the distance is 1 - similarity. Compared with Gower's coefficient [1]_, which leaves features out that either does
    not know, a sample is neither helped nor harmed by what it does not know.

    Parameters
    ----------
    n_neighbors
        How many neighbours `kneighbors` gives if it is not told.
    feature_weights
        Shape (n_features,), 0 or more; None weighs all alike.

    Attributes
    ----------
    engine_
        The index of the samples, by row number.
    n_features_in_, n_samples_fit_
        What was fitted.

    Notes
    -----
    NaN stands for unknown. A feature's range is that of the samples, in which values are kept to the nearest of 4,000 steps;
    a query's value outside the range counts as the end that is nearer. Ties go to the lower row.

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
        """Index the samples.

        Parameters
        ----------
        X
            Shape (n_samples, n_features); NaN where unknown.
        y
            Not used.
        """
        samples = _checked(self, X, reset=True)
        self.feature_weights_ = _weights(self.feature_weights, samples.shape[1])
        self._catalogue = TraitCatalogue(_trait(number, column) for number, column in enumerate(samples.T))
        self._samples = samples
        self.n_samples_fit_ = len(samples)
        self.engine_ = ScanEngine(self._catalogue, search=load_search())
        self.engine_.add(range(len(samples)), [self._answers(sample) for sample in samples])
        return self

    def kneighbors(
        self,
        X: ArrayLike | None = None,  # noqa: N803  # scikit-learn's signature
        n_neighbors: int | None = None,
        return_distance: bool = True,  # noqa: FBT001, FBT002
    ) -> tuple[Floats, NDArray[np.intp]] | NDArray[np.intp]:
        """Find the nearest samples, nearest first.

        Parameters
        ----------
        X
            Shape (n_queries, n_features). If left out, each sample's own neighbours, of which it is not one.
        n_neighbors
            Fewer than there are samples.
        return_distance
            Whether to give the distances too.

        Returns
        -------
        distances, indices
            Shape (n_queries, n_neighbors) each.
        """
        check_is_fitted(self)
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        own = X is None
        queries = self._samples if X is None else _checked(self, X, reset=False)
        if not 0 < k <= self.n_samples_fit_ - own:
            raise ValueError(f"n_neighbors must be from 1 to {self.n_samples_fit_ - own}, not {k}")
        distances = np.empty((len(queries), k))
        indices = np.empty((len(queries), k), dtype=np.intp)
        for row, query in enumerate(queries):
            found = self.engine_.search(self._query(query), k=k + own)
            stay = np.flatnonzero(np.array(found.keys) != row)[:k] if own else np.arange(k)
            indices[row] = np.array(found.keys)[stay]
            distances[row] = 1 - found.scores[stay]
        return (distances, indices) if return_distance else indices

    def _query(self, values: Floats) -> WeightedQuery:
        answers = self._answers(values)
        return WeightedQuery(
            answers,
            {key: self.feature_weights_[int(key)] for key in answers if self.feature_weights_[int(key)]},
        )

    def _answers(self, values: Floats) -> Mapping[str, Answer]:
        answers = {}
        for trait, value in zip(self._catalogue, values.tolist(), strict=True):
            if value == value and isinstance(trait, NumericTrait):  # noqa: PLR0124  # NaN is not itself
                answer = trait.clean(min(max(value, trait.minimum), trait.maximum))
                if answer is not None:
                    answers[trait.key] = answer
        return answers


def _checked(estimator: NeutralNeighbors, given: ArrayLike, *, reset: bool) -> Floats:
    checked: Floats = validate_data(
        estimator, given, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
    )
    return checked


def _weights(given: ArrayLike | None, count: int) -> Floats:
    weights = np.ones(count) if given is None else np.asarray(given, dtype=np.float64)
    if weights.shape != (count,) or not np.all(np.isfinite(weights) & (weights >= 0)):
        raise ValueError(f"feature_weights must be {count} finite numbers of 0 or more")
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
