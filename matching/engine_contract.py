"""The interface that every engine implements, so that one test suite covers them all.

Scores are compared on a grid of one part in 10**9: sums in another order differ in their last bits, and rounding must not
decide a ranking. Equal scores on the grid are ties; ties go to the smaller key.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.similarity import Contribution, WeightedQuery
from matching.traits import Answers

Key = Any  # hashable and sortable, all keys of an engine of one type: UUID in the product, int in experiments
Among = Collection[Key] | None
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

GRID = 1e9
# Similarities are simple fractions; an irrational offset keeps them away from the rounding threshold.
ROUNDING_OFFSET = (3 - 5**0.5) / 2


class KeyTaken(ValueError):
    """The key is already in the index; `replace` changes its answers."""

    def __init__(self, key: Key) -> None:
        self.key = key
        super().__init__(f"{key!r} is already in the index")


class KeyMissing(KeyError):
    """The key is not in the index."""

    def __init__(self, key: Key) -> None:
        self.key = key
        super().__init__(f"{key!r} is not in the index")


class MixedKeys(TypeError):
    """Keys of two types have no common order."""

    def __init__(self, key: Key, expected: type) -> None:
        self.key = key
        super().__init__(f"{key!r} is not of type {expected.__name__} like the other keys")


@dataclass(frozen=True)
class Match:
    """One story of a ranking; the amounts of its contributions, in catalogue order, sum to the score."""

    key: Key
    score: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Ranking:
    """The best matches as arrays, best first, with each trait's part in the score.

    Attributes
    ----------
    scores
        Shape (n,), from 0 to 1, with n <= k.
    traits
        The f compared traits, in catalogue order.
    weights
        Shape (f,); they sum to 1, or the array is empty if no trait was compared.
    similarities
        Shape (n, f); an unanswered trait has its expected similarity.
    known
        Shape (n, f): whether the teller answered.
    """

    keys: tuple[Key, ...]
    scores: Floats
    traits: tuple[str, ...]
    weights: Floats
    similarities: Floats
    known: Mask

    def matches(self) -> list[Match]:
        rows = zip(self.similarities.tolist(), self.known.tolist(), strict=True)
        contributions = [
            tuple(map(Contribution, self.traits, similarities, self.weights.tolist(), known))
            for similarities, known in rows
        ]
        return [Match(*match) for match in zip(self.keys, self.scores.tolist(), contributions, strict=True)]


class Engine(Protocol):
    """Holds tellers' answers by key and finds the exact nearest neighbours of a viewer.

    Any number of threads may search while one thread at a time changes the index; every search sees one state of it.
    """

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        """Append; after KeyTaken, MixedKeys or InvalidAnswer the index is unchanged."""

    def remove(self, key: Key) -> None:
        """Remove a key; raises KeyMissing."""

    def replace(self, key: Key, answers: Answers) -> None:
        """Change a key's answers; raises KeyMissing or InvalidAnswer."""

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        """Return the k best, by score and then by key; fewer only if there are fewer.

        `among` limits the search to some keys and ignores unknown ones. The expected similarity of an unanswered trait
        is always the mean over the whole index, so that a score does not depend on the filter.
        """

    def __len__(self) -> int: ...

    def __contains__(self, key: object) -> bool: ...


def to_grid(scores: Floats) -> NDArray[np.int64]:
    return np.floor(scores * GRID + ROUNDING_OFFSET).astype(np.int64)


def from_grid(steps: NDArray[np.int64]) -> Floats:
    return steps / GRID


def require_valid_k(k: int) -> None:
    if k < 0:
        raise ValueError(f"k must be 0 or more, not {k}")
