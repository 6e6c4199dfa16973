"""Picking the k best when scores are heavily tied and keys decide between equals."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Key, Rows

Hints = NDArray[np.uint64]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def hint(key: Key) -> int:
    """Give 64 bits that never put two keys of one type in the wrong order, though they may call them equal.

    Sorting a hundred thousand Python objects to show three of them is what this saves.
    """
    if isinstance(key, UUID):
        return key.int >> 64
    if isinstance(key, int):
        return min(max(key, _LOWEST), _HIGHEST) - _LOWEST
    if isinstance(key, str):
        # The bytes of UTF-8 sort as the characters do; "surrogatepass" keeps broken text from raising here.
        key = key.encode("utf-8", "surrogatepass")
    if isinstance(key, bytes):
        return int.from_bytes(key[:8].ljust(8, b"\0"), "big")
    return 0


def best(
    rows: Rows, grid: NDArray[np.int64], *, k: int, keys: Sequence[Key], hints: Hints
) -> tuple[Rows, NDArray[np.int64]]:
    """Give the k rows with the highest scores, ties to the smaller key, and their scores.

    Parameters
    ----------
    rows, grid
        Shape (n,): candidates and their scores on the grid.
    keys, hints
        By row number.
    """
    if k == 0:
        return rows[:0], grid[:0]
    if len(rows) > k:
        threshold = np.partition(grid, len(grid) - k)[len(grid) - k]
        above, level = np.flatnonzero(grid > threshold), np.flatnonzero(grid == threshold)
        chosen = np.concatenate([above, _smallest(level, hints[rows[level]], k - len(above))])
        rows, grid = rows[chosen], grid[chosen]
    order = np.lexsort((hints[rows], -grid))
    rows, grid = rows[order], grid[order]
    if _undecided(grid, hints[rows]):
        named = [keys[row] for row in rows.tolist()]
        falling = (-grid).tolist()
        order = np.array(sorted(range(len(named)), key=lambda place: (falling[place], named[place])))
        rows, grid = rows[order], grid[order]
    return rows[:k], grid[:k]


def _undecided(grid: NDArray[np.int64], hints: Hints) -> bool:
    """Say whether some neighbours in the order are equal in score and in hint."""
    return bool(np.any((grid[1:] == grid[:-1]) & (hints[1:] == hints[:-1])))


def _smallest(places: Rows, hints: Hints, wanted: int) -> Rows:
    """Every place whose hint is among the smallest `wanted`; more where hints are equal."""
    if len(places) <= wanted:
        return places
    last = np.partition(hints, wanted - 1)[wanted - 1]
    return places[np.flatnonzero(hints <= last)]
