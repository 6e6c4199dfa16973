"""The oracle: the same ranking by scikit-learn's `NearestNeighbors` over one-hot answers.

It shares no code with the other engines beyond the contract. Each teller is a row with exactly one 1 per trait (the answer,
or "not answered"); each query is a vector with the weighted similarity of each column. The score is their dot product, and because all rows
have the same length, the nearest rows by Euclidean distance have the highest scores.

It is correct, not fast: it fits again after every change.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors

from matching.engine_contract import (
    Among,
    Floats,
    Key,
    KeyMissing,
    KeyTaken,
    MixedKeys,
    Ranking,
    Rows,
    from_grid,
    require_valid_k,
    to_grid,
)
from matching.similarity import WeightedQuery, compute_contributions, expected_similarity
from matching.traits import Answer, Answers, TraitCatalogue

# Added to the squared radius of the search for ties with the k-th: far above rounding, far below a step of the grid.
TIE_MARGIN = 1e-8


@dataclass(frozen=True)
class _FittedIndex:
    """A snapshot of all tellers, one-hot."""

    catalogue: TraitCatalogue
    keys: tuple[Key, ...]
    answers: tuple[Answers, ...]

    @cached_property
    def columns(self) -> dict[tuple[str, Answer | None], int]:
        values: dict[tuple[str, Answer | None], None] = {(trait.key, None): None for trait in self.catalogue}
        values.update({(key, answer): None for person in self.answers for key, answer in person.items()})
        return {value: column for column, value in enumerate(values)}

    @cached_property
    def onehot(self) -> csr_array:
        columns = [
            self.columns[trait.key, person.get(trait.key)]
            for person in self.answers
            for trait in self.catalogue
        ]
        ends = np.arange(len(self.answers) + 1) * len(self.catalogue)
        shape = (len(self.answers), len(self.columns))
        return csr_array((np.ones(len(columns)), np.array(columns, dtype=np.int64), ends), shape=shape)

    @cached_property
    def neighbours(self) -> NearestNeighbors:
        return NearestNeighbors(algorithm="brute", metric="euclidean").fit(self.onehot)

    @cached_property
    def counts(self) -> dict[str, Counter[Answer]]:
        return {
            trait.key: Counter(person[trait.key] for person in self.answers if trait.key in person)
            for trait in self.catalogue
        }

    def scores(self, rows: Rows | None, vector: Floats, *, k: int) -> dict[int, int]:
        """Return the grid scores, by row, of the k nearest and of all that tie with the last of them."""
        searched = np.arange(len(self.keys)) if rows is None else rows
        if k == 0 or not len(searched):
            return {}
        neighbours = self.neighbours
        if rows is not None:
            neighbours = NearestNeighbors(algorithm="brute", metric="euclidean").fit(self.onehot[rows])
        query = csr_array(vector[None, :])
        distances, _ = neighbours.kneighbors(query, n_neighbors=min(k, len(searched)))
        radius = np.sqrt(distances[0, -1] ** 2 + TIE_MARGIN)
        [distances], [nearest] = neighbours.radius_neighbors(query, radius=radius)
        length = vector @ vector + len(self.catalogue)
        grid = to_grid((length - distances**2) / 2)
        return dict(zip(searched[nearest].tolist(), grid.tolist(), strict=True))


class SklearnEngine:
    """Exact search by `NearestNeighbors(algorithm="brute")`."""

    def __init__(self, catalogue: TraitCatalogue) -> None:
        self._catalogue = catalogue
        self._answers: dict[Key, Answers] = {}
        self._lock = threading.Lock()
        self._fitted: _FittedIndex | None = None

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, key: object) -> bool:
        return key in self._answers

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        with self._lock:
            self._require_new(keys)
            clean = [self._catalogue.clean(person) for person in answers]
            self._answers.update(zip(keys, clean, strict=True))
            self._fitted = None

    def remove(self, key: Key) -> None:
        with self._lock:
            if key not in self._answers:
                raise KeyMissing(key)
            del self._answers[key]
            self._fitted = None

    def replace(self, key: Key, answers: Answers) -> None:
        with self._lock:
            if key not in self._answers:
                raise KeyMissing(key)
            self._answers[key] = self._catalogue.clean(answers)
            self._fitted = None

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        require_valid_k(k)
        with self._lock:
            self._fitted = fitted = self._fitted or _FittedIndex(
                self._catalogue, tuple(self._answers), tuple(self._answers.values())
            )
        expected = {
            trait.key: expected_similarity(trait, query.answers[trait.key], fitted.counts[trait.key])
            for trait in self._catalogue
            if trait.key in query.weights
        }
        rows = None
        if among is not None:
            filter_keys = set(among)
            rows = np.flatnonzero([key in filter_keys for key in fitted.keys])
        scores = fitted.scores(rows, self._vector(fitted, query, expected), k=k)
        best = sorted(scores, key=lambda row: (-scores[row], fitted.keys[row]))[:k]
        people = [fitted.answers[row] for row in best]
        grid = np.array([scores[row] for row in best], dtype=np.int64)
        return self._ranking(query, expected, people, keys=tuple(fitted.keys[row] for row in best), grid=grid)

    def _vector(
        self, fitted: _FittedIndex, query: WeightedQuery, expected: dict[str, float | None]
    ) -> Floats:
        total = sum(weight for key, weight in query.weights.items() if expected[key] is not None)
        vector = np.zeros(len(fitted.columns))
        for (key, answer), column in fitted.columns.items():
            expectation = expected.get(key)
            if expectation is not None:
                trait, own = self._catalogue[key], query.answers[key]
                similarity = expectation if answer is None else trait.similarity(own, answer)
                vector[column] = query.weights[key] / total * similarity
        return vector

    def _ranking(
        self,
        query: WeightedQuery,
        expected: dict[str, float | None],
        people: Sequence[Answers],
        *,
        keys: tuple[Key, ...],
        grid: Rows,
    ) -> Ranking:
        # A teller without answers comes last: the compared traits are needed even if the ranking is empty.
        *contributions, compared = (
            compute_contributions(query, person, catalogue=self._catalogue, expected_by_trait=expected)
            for person in (*people, {})
        )
        shape = (len(keys), len(compared))
        return Ranking(
            keys=keys,
            scores=from_grid(grid),
            traits=tuple(contribution.trait for contribution in compared),
            weights=np.array([contribution.weight for contribution in compared]),
            similarities=np.array([[part.similarity for part in row] for row in contributions]).reshape(
                shape
            ),
            known=np.array([[part.known for part in row] for row in contributions], dtype=bool).reshape(
                shape
            ),
        )

    def _require_new(self, keys: Sequence[Key]) -> None:
        counts = Counter(keys)
        present = [*self._answers][:1] or [*keys][:1]
        for key in keys:
            if key in self._answers or counts[key] > 1:
                raise KeyTaken(key)
            if type(key) is not type(present[0]):
                raise MixedKeys(key, type(present[0]))
