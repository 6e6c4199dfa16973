"""What every engine promises, so that they can be tested as one.

Scores are compared on a grid of one part in 10**9: sums taken in another order differ in their last bits, and such
noise must not decide who comes first. Equal scores on the grid are ties, and ties go to the smaller key.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.similarity import WeightedQuery
from matching.traits.catalogue import Answers

Key = Any  # hashable and sortable, all keys of an engine of one type: UUID in the product, int in experiments
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


GRID = 1e9
# Where rounding turns over. Similarities are simple fractions, so an irrational offset keeps them away from it.
TURN = (3 - 5**0.5) / 2


class KeyTaken(ValueError):
    """The key is already in the index; `replace` is the way to change its answers."""

    def __init__(self, key: Key) -> None:
        self.key = key
        super().__init__(f"{key!r} is already in the index")


class KeyMissing(KeyError):
    """The key is not in the index, or was removed from it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        super().__init__(f"{key!r} is not in the index")


class MixedKeys(TypeError):
    """Keys of two types cannot be put in one order."""

    def __init__(self, key: Key, expected: type) -> None:
        self.key = key
        super().__init__(f"{key!r} is not of type {expected.__name__} as the keys before it")


@dataclass(frozen=True)
class Ranking:
    """The best matches, best first, with each trait's part in them.

    Attributes
    ----------
    keys
        Length n <= k.
    scores
        Shape (n,), from 0 to 1.
    traits
        The f traits that were compared, in catalogue order.
    weights
        Shape (f,); adds up to 1, or is empty where there was nothing to compare.
    similarities
        Shape (n, f), an unanswered trait standing at its expected similarity.
    known
        Shape (n, f): whether the teller answered.
    """

    keys: tuple[Key, ...]
    scores: Floats
    traits: tuple[str, ...]
    weights: Floats
    similarities: Floats
    known: Mask


class Selection:
    """Some keys, to search among many times: an engine keeps with them what it found out about them.

    Searching among a selection is searching among its keys, whatever was added, changed or removed since it was
    made; it only saves looking them up anew. Bound to the engine that made it.
    """

    def __init__(self, keys: Collection[Key]) -> None:
        self.keys = tuple(dict.fromkeys(keys))
        self.found: Any = None  # put in place by the engine, in one assignment

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __contains__(self, key: object) -> bool:
        return key in self.keys


Among = Collection[Key] | Selection | None


class Engine(Protocol):
    """Holds tellers' answers by key and finds those most like a viewer, exactly.

    Any number of threads may search while one thread at a time changes the index; every search sees one moment
    of it.
    """

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        """Append; raises KeyTaken, MixedKeys or BadAnswer and then has changed nothing."""

    def remove(self, key: Key) -> None:
        """Forget a key; raises KeyMissing."""

    def replace(self, key: Key, answers: Answers) -> None:
        """Put new answers in place of a key's old ones; raises KeyMissing or BadAnswer."""

    def select(self, keys: Collection[Key]) -> Selection:
        """Look up keys once, for many searches among them."""

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        """The k best, by score and then by key; fewer only if there are fewer.

        `among` limits the search to some keys; unknown ones are passed over. What is expected of an unanswered
        trait is always taken over the whole index, so that a score means the same whatever it was searched
        among.
        """

    def __len__(self) -> int: ...

    def __contains__(self, key: object) -> bool: ...


def to_grid(scores: Floats) -> NDArray[np.int64]:
    return np.floor(scores * GRID + TURN).astype(np.int64)


def from_grid(steps: NDArray[np.int64]) -> Floats:
    return steps / GRID


def check_k(k: int) -> None:
    if k < 0:
        raise ValueError(f"k must be 0 or more, not {k}")
