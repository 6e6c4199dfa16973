"""The search of a scan in numpy: the same blocks and bounds as the compiled one, thousands of rows at a step."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matching.engines.asked import MOST, STEPS, Layout, Tables
from matching.engines.blocks import BLOCK, Blocks, Bytes, People, Whole
from matching.engines.contract import GRID, Floats, Mask, Rows, to_grid

# How many blocks are looked into first, and how many then at a step: enough to be worth numpy's overhead, few enough for
# the processor's nearer caches.
FIRST, STEP = 16, 256

Steps = NDArray[np.uint16]


class _Best:
    """The k best so far, with all that are level with the last of them."""

    def __init__(self, tables: Tables, k: int) -> None:
        self._tables, self._k = tables, k
        self._rows: list[Rows] = [np.zeros(0, dtype=np.intp)]
        self._grid: list[Whole] = [np.zeros(0, dtype=np.int64)]
        self._waiting = 0
        self.limit = np.inf

    def offer(self, rows: Rows, grid: Whole) -> None:
        self._rows.append(rows)
        self._grid.append(grid)
        self._waiting += len(rows)
        if self._waiting >= self._k:
            self.sift()

    def sift(self) -> tuple[Rows, Whole]:
        rows, grid = np.concatenate(self._rows), np.concatenate(self._grid)
        if 0 < self._k <= len(rows):
            last = np.partition(grid, len(grid) - self._k)[len(grid) - self._k]
            stay = grid >= last
            rows, grid = rows[stay], grid[stay]
            self.limit = (
                (self._tables.best - last / GRID) * self._tables.scale + self._tables.scale * 4 / GRID + 1e-3
            )
        self._rows, self._grid, self._waiting = [rows], [grid], 0
        return rows, grid


def tabulate(similarities: Floats, shares: Floats, columns: Whole, layout: Layout) -> Tables:
    """Work out what scanning looks up, from the similarity of each code and the shares of the compared traits."""
    every = np.zeros(len(layout.rooms))
    every[columns] = shares
    worth = similarities * np.repeat(every, layout.rooms)
    tops = np.maximum.reduceat(worth, layout.starts)
    best = float(tops.sum())
    scale = STEPS / max(best - float(worth[layout.starts].sum()), 1e-9)
    shortfalls = np.minimum((np.repeat(tops, layout.rooms) - worth) * scale, MOST - 1).astype(np.uint8)
    steps = np.full(32 * layout.planes, MOST, dtype=np.uint8)
    np.minimum.at(steps, layout.slots, shortfalls)
    steps[steps == MOST] = 0  # what no code stands for, and what a block does not agree on
    used = np.zeros(layout.planes, dtype=bool)
    used[layout.half[columns] // 2] = True
    return Tables(
        worth=worth,
        starts=layout.starts[columns],
        half=layout.half[columns],
        beside=layout.beside[columns],
        steps=steps.reshape(-1, 32),
        planes=np.flatnonzero(used),
        leading=np.concatenate([[0], np.cumsum(used)]),
        best=best,
        scale=scale,
    )


def look_at(
    blocks: Blocks, people: People, tables: Tables, similarities: Floats, rows: Rows
) -> tuple[Floats, Mask]:
    """Give the similarity of some rows in each compared trait, and whether it was answered; shape (rows, f) each."""
    codes = _codes(blocks, people, tables, rows, rows).T
    return similarities[tables.starts + codes], codes > 0


def score_all(blocks: Blocks, people: People, tables: Tables) -> Whole:
    """Give the score of every row there is, on the grid."""
    return _scores(blocks, people, tables, np.arange(blocks.size))


def nearest(blocks: Blocks, people: People, tables: Tables, k: int) -> tuple[Rows, Whole, bool]:
    """Find the k best rows among those alive, and all that are level with the last of them, in no order."""
    steps = _byte_steps(tables)
    bounds = _bounds(blocks, tables, steps)
    known, total = len(bounds), -(-blocks.size // BLOCK)
    promising = np.argsort(bounds, kind="stable")[: max(FIRST, known // BLOCK)]
    others = np.ones(known, dtype=bool)
    others[promising] = False
    best = _Best(tables, k)
    for some in _stepwise(np.concatenate([promising, np.arange(known, total)])):
        best.offer(*_contenders(blocks, people, tables, steps, (some, best.limit)))
    for some in _stepwise(np.flatnonzero(others & (bounds <= best.limit))):
        within = some[bounds[some] <= best.limit]
        best.offer(*_contenders(blocks, people, tables, steps, (within, best.limit)))
    return *best.sift(), False


def _stepwise(blocks: Rows) -> Iterator[Rows]:
    for start in range(0, len(blocks), STEP):
        yield blocks[start : start + STEP]


def _byte_steps(tables: Tables) -> list[bytes]:
    """Give the steps of each possible byte of each plane in use, up to 255."""
    steps = tables.steps[tables.planes].astype(np.uint16)
    both = np.minimum(steps[:, 16:, None] + steps[:, None, :16], MOST).astype(np.uint8)
    return [table.tobytes() for table in both]


def _looked_up(table: bytes, packed: Bytes) -> Steps:
    """Look bytes up in a table of 256; Python's own `translate` is quicker at it than indexing (measured)."""
    steps: Steps = np.frombuffer(packed.tobytes().translate(table), dtype=np.uint8).astype(np.uint16)
    return steps.reshape(packed.shape)


def _bounds(blocks: Blocks, tables: Tables, steps: list[bytes]) -> Steps:
    """Give the steps that every row of a block has at least."""
    bounds = np.zeros((len(blocks.summary), BLOCK), dtype=np.uint16)
    for plane, table in zip(tables.planes.tolist(), steps, strict=True):
        bounds += _looked_up(table, blocks.summary[:, plane])
    return bounds.ravel()[: len(blocks.uniform)]


def _contenders(
    blocks: Blocks, people: People, tables: Tables, steps: list[bytes], within: tuple[Rows, float]
) -> tuple[Rows, Whole]:
    """Give the rows of some blocks whose steps are within the limit, and their scores."""
    some, limit = within[0], np.uint16(min(within[1], 65_535))
    if not len(some):
        return some, np.zeros(0, dtype=np.int64)
    planes, here = tables.planes.tolist(), blocks.planes[some]
    shared = int(tables.leading[blocks.uniform[some].min()]) if some[-1] < len(blocks.uniform) else 0
    sums = np.zeros((len(some), 1), dtype=np.uint16)
    for place in range(shared):
        sums += _looked_up(steps[place], here[:, planes[place], :1])
    sums = np.repeat(sums, BLOCK, axis=1)
    middle = max(shared, len(planes) * 3 // 4)
    for place in range(shared, middle):
        sums += _looked_up(steps[place], here[:, planes[place]])
    left = np.flatnonzero(sums <= limit)
    sums, flat = sums.ravel()[left], here.ravel()
    first = left // BLOCK * (here.shape[1] * BLOCK) + left % BLOCK
    for place in range(middle, len(planes)):
        sums += _looked_up(steps[place], np.take(flat, first + planes[place] * BLOCK))
    left = left[sums <= limit]
    places = some[left // BLOCK] * BLOCK + left % BLOCK
    places = places[places < blocks.size]
    rows = blocks.positions[places] if len(blocks.positions) else places
    alive = people.alive(rows)
    return rows[alive], _scores(blocks, people, tables, places[alive])


def _scores(blocks: Blocks, people: People, tables: Tables, places: Rows) -> Whole:
    rows = blocks.positions[places] if len(blocks.positions) else places
    codes = _codes(blocks, people, tables, places, rows)
    # Along the first axis numpy adds up in order, as the compiled search does.
    scores: Floats = tables.worth[tables.starts[:, None] + codes].sum(axis=0)
    return to_grid(scores)


def _codes(blocks: Blocks, people: People, tables: Tables, places: Rows, rows: Rows) -> Rows:
    """Give the codes of each compared trait at some places, which are these rows; shape (f, rows)."""
    first = places // BLOCK * (blocks.planes.shape[1] * BLOCK) + places % BLOCK
    packed = np.take(blocks.planes.reshape(-1), first + (tables.half // 2 * BLOCK)[:, None])
    codes: Rows = (packed >> (4 * (tables.half % 2)[:, None]) & 15).astype(np.intp)
    beside = tables.beside >= 0
    codes[beside] = people.fine[rows].T[tables.beside[beside]]
    return codes
