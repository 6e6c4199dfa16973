"""Picking the k best when scores are heavily tied and keys decide between equals."""

import numpy as np
from numpy.typing import NDArray

from matching.engines.blocks import Whole
from matching.engines.contract import Rows
from matching.engines.keys import Hints, Keys


def best(rows: Rows, grid: Whole, *, k: int, keys: Keys) -> tuple[Rows, Whole]:
    """Give the k rows with the highest scores, ties to the smaller key, and their scores.

    Parameters
    ----------
    rows, grid
        Shape (n,): candidates and their scores on the grid.
    """
    if k == 0:
        return rows[:0], grid[:0]
    if len(rows) > k:
        threshold = np.partition(grid, len(grid) - k)[len(grid) - k]
        above, level = np.flatnonzero(grid > threshold), np.flatnonzero(grid == threshold)
        chosen = np.concatenate([above, _smallest(level, keys.high[rows[level]], k - len(above))])
        rows, grid = rows[chosen], grid[chosen]
    words = Hints(keys.high[rows], keys.low[rows])
    order = np.lexsort((words.low, words.high, -grid))
    rows, grid = rows[order], grid[order]
    if not keys.exact and _undecided(grid, Hints(words.high[order], words.low[order])):
        named = keys.at(rows)
        falling = (-grid).tolist()
        order = np.array(sorted(range(len(named)), key=lambda place: (falling[place], named[place])))
        rows, grid = rows[order], grid[order]
    return rows[:k], grid[:k]


def _undecided(grid: Whole, words: Hints) -> bool:
    """Say whether some neighbours in the order are equal in score and in all that their keys hint at."""
    level = (grid[1:] == grid[:-1]) & (words.high[1:] == words.high[:-1]) & (words.low[1:] == words.low[:-1])
    return bool(level.any())


def _smallest(places: Rows, high: NDArray[np.uint64], wanted: int) -> Rows:
    """Every place whose key is among the smallest `wanted` by its first word; more where these are equal."""
    if len(places) <= wanted:
        return places
    last = np.partition(high, wanted - 1)[wanted - 1]
    return places[np.flatnonzero(high <= last)]
