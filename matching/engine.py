"""The default engine: exact nearest neighbours in memory.

A query builds one look-up table per joint code from the viewer's answers and weights; a score is the sum of one look-up in
each. The stories of a challenge are contiguous and sorted by key, so that a stable top-k breaks ties by key.

A reader takes `self._state` once and never waits: a state is immutable, and a writer replaces it in one assignment.
"""

import threading
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matching.codes import Codes, QueryTables, codebook_for, expected_similarities, query_tables
from matching.engine_contract import (
    GRID,
    ROUNDING_OFFSET,
    Among,
    Floats,
    Key,
    Ranking,
    Rows,
    require_valid_k,
)
from matching.joint_codes import JointCodes, PackedCodes
from matching.keys import keys_of
from matching.similarity import WeightedQuery
from matching.snapshot import EngineState
from matching.traits import Answers, TraitCatalogue

CHUNK = 16_384  # rows per pass, so that sums stay in the processor's cache
BLOCK = 256  # rows per block maximum in the top-k
MAX_CACHED_TABLES = 4_096


class InMemoryEngine:
    """Exact nearest neighbours by neutral similarity (see `matching.engine_contract.Engine`).

    It has scikit-learn's estimator interface (`fit`, `kneighbors`, `get_params`, `set_params`) without importing
    scikit-learn, which takes seconds; `matching.neighbours.NeutralNeighbors` is the scikit-learn estimator on top of it.
    """

    def __init__(self, catalogue: TraitCatalogue, *, n_neighbors: int = 5) -> None:
        self.catalogue = catalogue
        self.n_neighbors = n_neighbors
        self._lock = threading.Lock()
        self._state = self._empty_state()

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # scikit-learn's signature
        return {"catalogue": self.catalogue, "n_neighbors": self.n_neighbors}

    def set_params(self, **parameters: object) -> Self:
        """Set parameters; a new catalogue takes effect with the next `fit`."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise ValueError(f"InMemoryEngine has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def fit(self, X: Sequence[Answers], y: object = None) -> Self:  # noqa: ARG002, N803  # scikit-learn's signature
        """Index one mapping of answers per story; their positions are the keys."""
        with self._lock:
            self._state = self._empty_state()
        self.add(range(len(X)), X)
        return self

    def kneighbors(
        self,
        X: Sequence[WeightedQuery],  # noqa: N803  # scikit-learn's signature
        n_neighbors: int | None = None,
        return_distance: bool = True,  # noqa: FBT001, FBT002
    ) -> tuple[Floats, NDArray[Any]] | NDArray[Any]:
        """Return distances (1 - score) and keys, nearest first, shape (queries, n_neighbors) each."""
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if not 0 < k <= len(self):
            raise ValueError(f"n_neighbors must be from 1 to {len(self)}, not {k}")
        rankings = [self.search(query, k=k) for query in X]
        keys = np.array([ranking.keys for ranking in rankings]).reshape(len(rankings), k)
        distances = np.array([1 - ranking.scores for ranking in rankings]).reshape(len(rankings), k)
        return (distances, keys) if return_distance else keys

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        require_valid_k(k)
        state = self._state
        tables = self._tables(state, query)
        joint_tables = _joint_tables(state, tables)
        best: list[tuple[float, Key, Codes]] = []
        for snapshot, rows in state.candidates(among):
            packed = snapshot.codes if rows is None else snapshot.codes[:, rows]
            steps = _sum_look_ups(packed, joint_tables)
            top = top_rows(steps, k)
            keys = keys_of(snapshot.keys[top if rows is None else rows[top]])
            best += zip((-steps[top]).tolist(), keys, state.joint.unpack(packed[:, top]), strict=True)
        best = sorted(best, key=lambda scored: scored[:2])[:k]
        shape = (len(best), len(self._codebook.traits))
        codes = np.array([codes for _, _, codes in best], dtype=np.uint16).reshape(shape)
        scores = np.array([-steps / GRID for steps, _, _ in best], dtype=np.float64)
        return tables.ranking(tuple(key for _, key, _ in best), scores, codes[:, tables.columns])

    def scores(self, query: WeightedQuery, *, challenge: Key = 0) -> Floats:
        """Return the scores of all stories of a challenge, by ascending key."""
        state = self._state
        if challenge not in state.snapshots:
            return np.empty(0)
        joint_tables = _joint_tables(state, self._tables(state, query))
        steps = _sum_look_ups(state.snapshots[challenge].codes, joint_tables)
        scores: Floats = np.divide(steps, GRID, out=steps)
        return scores

    def add(self, keys: Sequence[Key], answers: Sequence[Answers], *, challenge: Key = 0) -> None:
        self.add_codes(keys, self._codebook.encode(answers), challenge=challenge)

    def add_codes(self, keys: Sequence[Key], codes: Codes, *, challenge: Key = 0) -> None:
        """Add stories whose answers are encoded, shape (stories, traits)."""
        with self._lock:
            self._state = self._state.with_added(keys, codes, challenge)

    def remove(self, key: Key) -> None:
        with self._lock:
            self._state, _ = self._state.with_removed(key)

    def replace(self, key: Key, answers: Answers) -> None:
        codes = self._codebook.encode([answers])
        with self._lock:
            state, challenge = self._state.with_removed(key)
            self._state = state.with_added([key], codes, challenge)

    def __len__(self) -> int:
        return sum(len(snapshot.keys) for snapshot in self._state.snapshots.values())

    def __contains__(self, key: object) -> bool:
        return any(self._state.rows_of([key]))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes, _lock=threading.Lock())

    def _empty_state(self) -> EngineState:
        self._codebook = codebook_for(self.catalogue)
        sizes = self._codebook.sizes
        return EngineState(JointCodes(sizes), [np.zeros(size) for size in sizes])

    def _tables(self, state: EngineState, query: WeightedQuery) -> QueryTables:
        def similarity_table(column: int, code: int) -> Floats | None:
            if (column, code) not in state.tables:
                if len(state.tables) >= MAX_CACHED_TABLES:
                    state.tables.clear()
                similarities = self._codebook.similarities(column, code)
                state.tables[column, code] = expected_similarities(similarities, state.counts[column])
            return state.tables[column, code]

        return query_tables(query, self._codebook, similarity_table)


def _joint_tables(state: EngineState, tables: QueryTables) -> list[tuple[int, Floats]]:
    """Return the tables of the joint codes, in grid steps."""
    weighted = zip(tables.columns, tables.shares.tolist(), tables.similarities, strict=True)
    return state.joint.tables({column: GRID * share * table for column, share, table in weighted})


def _sum_look_ups(packed: PackedCodes, joint_tables: list[tuple[int, Floats]]) -> Floats:
    """Return the scores in whole grid steps, shape (stories,)."""
    steps = np.full(packed.shape[1], ROUNDING_OFFSET)
    for start in range(0, len(steps), CHUNK):
        chunk = steps[start : start + CHUNK]
        for number, table in joint_tables:
            chunk += table.take(packed[number, start : start + CHUNK])
    np.floor(steps, out=steps)
    return steps


def top_rows(scores: Floats, k: int) -> Rows:
    """Return the rows of the k highest scores, highest first; equal scores in row order."""
    rows = np.arange(len(scores))
    if len(scores) >= BLOCK * k > 0:
        # The k-th best block maximum is a lower bound of the k-th best score and is cheaper to find.
        maxima = scores[: len(scores) // BLOCK * BLOCK].reshape(-1, BLOCK).max(axis=1)
        rows = np.flatnonzero(scores >= np.partition(maxima, -k)[-k])
    if k < len(rows):
        candidates = scores[rows]
        kth = np.partition(candidates, -k)[-k] if k else np.inf
        higher, ties = rows[candidates > kth], rows[candidates == kth]
        rows = np.concatenate([higher, ties[: k - len(higher)]])
    return rows[np.argsort(-scores[rows], kind="stable")]
