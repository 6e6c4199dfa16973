"""The oracle: the same ranking by scikit-learn's nearest neighbours over one-hot codes.

It shares no code with the scan beyond the contract. Each teller becomes a row with exactly one 1 for each trait (the
value given, or "not answered"), each query a vector of what each column is worth. The score is their dot product,
and since all rows have the same length, the nearest by Euclidean distance are the highest by score.

It is here to be right, not fast: it fits again after every change.
"""

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors

from matching.engines.contract import (
    Among,
    Floats,
    Key,
    KeyMissing,
    KeyTaken,
    MixedKeys,
    Ranking,
    Rows,
    Selection,
    check_k,
    from_grid,
    to_grid,
)
from matching.similarity import Contribution, WeightedQuery, compute_contributions, expected_similarity
from matching.traits.catalogue import Answer, Answers, TraitCatalogue

# Added to the squared radius within which ties with the k-th are looked for: far above rounding, far below a step.
TIE = 1e-8


@dataclass(frozen=True)
class _Fitted:
    """Everyone who is there at one moment, one-hot."""

    catalogue: TraitCatalogue
    rows: Rows
    answers: tuple[Answers, ...]

    @cached_property
    def columns(self) -> dict[tuple[str, Answer | None], int]:
        met: dict[tuple[str, Answer | None], int] = {(trait.key, None): 0 for trait in self.catalogue}
        met.update(((key, answer), 0) for person in self.answers for key, answer in person.items())
        return {value: column for column, value in enumerate(met)}

    @cached_property
    def onehot(self) -> csr_array:
        hot = [
            self.columns[trait.key, person.get(trait.key)]
            for person in self.answers
            for trait in self.catalogue
        ]
        ends = np.arange(len(self.answers) + 1) * len(self.catalogue)
        shape = (len(self.answers), len(self.columns))
        return csr_array((np.ones(len(hot)), np.array(hot, dtype=np.int64), ends), shape=shape)

    @cached_property
    def neighbours(self) -> NearestNeighbors:
        return NearestNeighbors(algorithm="brute", metric="euclidean").fit(self.onehot)

    @cached_property
    def counts(self) -> dict[str, Counter[Answer]]:
        return {
            trait.key: Counter(person[trait.key] for person in self.answers if trait.key in person)
            for trait in self.catalogue
        }


class SklearnEngine:
    """Exact search by `NearestNeighbors(algorithm="brute")`."""

    def __init__(self, catalogue: TraitCatalogue) -> None:
        self._catalogue = catalogue
        self._keys: list[Key] = []
        self._answers: dict[int, Answers] = {}
        self._rows: dict[Key, int] = {}
        self._lock = threading.Lock()
        self._fitted: _Fitted | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        with self._lock:
            self._check_new(keys)
            clean = [self._catalogue.clean(person) for person in answers]
            for key, person in zip(keys, clean, strict=True):
                self._enter(key, person)

    def remove(self, key: Key) -> None:
        with self._lock:
            self._leave(key)

    def replace(self, key: Key, answers: Answers) -> None:
        with self._lock:
            clean = self._catalogue.clean(answers)
            self._leave(key)
            self._enter(key, clean)

    def select(self, keys: Collection[Key]) -> Selection:
        return Selection(keys)

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        check_k(k)
        with self._lock:
            self._fitted = fitted = self._fitted or self._fit()
            keys = list(self._keys)
        expected = {
            trait.key: expected_similarity(trait, query.answers[trait.key], fitted.counts[trait.key])
            for trait in self._catalogue
            if trait.key in query.weights
        }
        places = self._places(fitted, among, keys)
        scores = _scores(fitted, places, self._vector(fitted, query, expected), k=k)
        order = sorted(scores, key=lambda place: (-scores[place], keys[fitted.rows[place]]))[:k]
        # Someone who answered nothing comes last: they say which traits were compared even if nobody was found.
        parts = [
            compute_contributions(query, person, catalogue=self._catalogue, expected_by_trait=expected)
            for person in (*(fitted.answers[place] for place in order), {})
        ]
        grid = np.array([scores[place] for place in order], dtype=np.int64)
        return _ranking(tuple(keys[fitted.rows[place]] for place in order), from_grid(grid), parts)

    def _fit(self) -> _Fitted:
        rows = sorted(self._answers)
        return _Fitted(
            self._catalogue, np.array(rows, dtype=np.intp), tuple(self._answers[row] for row in rows)
        )

    def _places(self, fitted: _Fitted, among: Among, keys: list[Key]) -> Rows | None:
        """Give the positions in the fitted matrix to search among, or None for all."""
        if among is None:
            return None
        wanted = set(among)
        return np.flatnonzero([keys[row] in wanted for row in fitted.rows])

    def _vector(self, fitted: _Fitted, query: WeightedQuery, expected: dict[str, float | None]) -> Floats:
        total = sum(weight for key, weight in query.weights.items() if expected[key] is not None)
        worth = np.zeros(len(fitted.columns))
        for (key, answer), column in fitted.columns.items():
            expectation = expected.get(key)
            if expectation is not None:
                ours = query.answers[key]
                alike = expectation if answer is None else self._catalogue[key].similarity(ours, answer)
                worth[column] = query.weights[key] / total * alike
        return worth

    def _check_new(self, keys: Sequence[Key]) -> None:
        times = Counter(keys)
        for key in keys:
            if key in self._rows or times[key] > 1:
                raise KeyTaken(key)
        first = [*self._keys[:1], *keys[:1]][:1]
        for key in keys:
            if type(key) is not type(first[0]):
                raise MixedKeys(key, type(first[0]))

    def _enter(self, key: Key, person: Answers) -> None:
        self._rows[key] = len(self._keys)
        self._answers[len(self._keys)] = person
        self._keys.append(key)
        self._fitted = None

    def _leave(self, key: Key) -> None:
        if key not in self._rows:
            raise KeyMissing(key)
        del self._answers[self._rows.pop(key)]
        self._fitted = None


def _scores(fitted: _Fitted, places: Rows | None, vector: Floats, *, k: int) -> dict[int, int]:
    """Give the scores on the grid of the k nearest, and of everyone who ties with the last of them."""
    names = np.arange(len(fitted.rows)) if places is None else places
    if k == 0 or not len(names):
        return {}
    neighbours = fitted.neighbours
    if places is not None:
        neighbours = NearestNeighbors(algorithm="brute", metric="euclidean").fit(fitted.onehot[places])
    query = csr_array(vector[None, :])
    distances, _ = neighbours.kneighbors(query, n_neighbors=min(k, len(names)))
    radius = np.sqrt(distances[0, -1] ** 2 + TIE)
    [distances], [found] = neighbours.radius_neighbors(query, radius=radius)
    length = vector @ vector + len(fitted.catalogue)
    grid = to_grid((length - distances**2) / 2)
    return dict(zip(names[found].tolist(), grid.tolist(), strict=True))


def _ranking(keys: tuple[Key, ...], scores: Floats, parts: list[list[Contribution]]) -> Ranking:
    *found, nobody = parts
    shape = (len(keys), len(nobody))
    return Ranking(
        keys=keys,
        scores=scores,
        traits=tuple(part.trait for part in nobody),
        weights=np.array([part.weight for part in nobody]),
        similarities=np.array([[part.similarity for part in row] for row in found]).reshape(shape),
        known=np.array([[part.known for part in row] for row in found], dtype=bool).reshape(shape),
    )
