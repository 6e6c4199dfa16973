"""The search of a scan, compiled by numba.

Blocks that may hold the best come first, so that the score to be beaten is high from early on; of the others only those are
looked into whose bound reaches it, and of their rows only those are scored whose steps do.
"""

from typing import Any

import numpy as np
from numba import njit

from matching.engines.contract import GRID, TURN
from matching.engines.shuffle import add_steps, within

BLOCK = 64
MOST = 255
# Looked into first: at least this many blocks, or this share of them.
FIRST, SHARE = 6, 128


@njit(nogil=True, cache=True)
def _row(blocks: Any, place: Any) -> Any:
    return blocks.positions[place] if len(blocks.positions) else place


@njit(nogil=True, cache=True)
def _score(blocks: Any, people: Any, tables: Any, place: Any) -> Any:
    """Give the score of the row at this place, on the grid."""
    planes = blocks.planes[place // BLOCK]
    lane, row = place % BLOCK, _row(blocks, place)
    score = 0.0
    for part in range(len(tables.starts)):
        beside, half = tables.fine[part], tables.half[part]
        if beside >= 0:
            code = np.int64(people.fine[row, beside])
        else:
            code = (np.int64(planes[half >> 1, lane]) >> ((half & 1) << 2)) & 15
        score += tables.worth[tables.starts[part] + code]
    return np.int64(np.floor(score * GRID + TURN))


@njit(nogil=True, cache=True)
def score_all(blocks: Any, people: Any, tables: Any) -> Any:
    """Give the score of every row there is, on the grid."""
    grid = np.empty(blocks.size, dtype=np.int64)
    for place in range(blocks.size):
        grid[place] = _score(blocks, people, tables, place)
    return grid


@njit(nogil=True, cache=True)
def _bounds(blocks: Any, tables: Any) -> Any:
    """Give the steps that every row of a block has at least; those of blocks without a summary are 0."""
    groups, planes, _ = blocks.summary.shape
    packed, steps = blocks.summary.reshape(-1), tables.steps.reshape(-1)
    bounds = np.zeros(max(groups * BLOCK, len(blocks.planes)), dtype=np.uint8)
    for group in range(groups):
        for plane in tables.planes:
            add_steps(packed, (group * planes + plane) * BLOCK, steps, plane, bounds, group * BLOCK)
    bounds[len(blocks.uniform) :] = 0
    return bounds


@njit(nogil=True, cache=True)
def _promising(blocks: Any, bounds: Any) -> Any:
    """Give the blocks in the order in which to look into them."""
    known, total = len(blocks.uniform), (blocks.size + BLOCK - 1) // BLOCK
    held = np.zeros(MOST + 1, dtype=np.int64)
    for block in range(known):
        held[bounds[block]] += 1
    cut, seen = 0, 0
    while cut <= MOST and seen < min(max(FIRST, known // SHARE), known):
        seen += held[cut]
        cut += 1
    order = np.empty(total + 1, dtype=np.int64)
    count = 0
    for block in range(known):
        order[count] = block
        count += bounds[block] < cut
    for block in range(known, total):
        order[count] = block
        count += 1
    for block in range(known):
        order[count] = block
        count += bounds[block] >= cut
    return order[:count]


@njit(nogil=True, cache=True)
def _after(people: Any, one: Any, other: Any, scores: Any, rows: Any) -> Any:
    """Say whether the first of two in the heap ranks after the second."""
    if scores[one] != scores[other]:
        return scores[one] < scores[other]
    if people.high[rows[one]] != people.high[rows[other]]:
        return people.high[rows[one]] > people.high[rows[other]]
    return people.low[rows[one]] > people.low[rows[other]]


@njit(nogil=True, cache=True)
def _settle(people: Any, scores: Any, rows: Any, count: Any) -> None:
    """Let what stands on top of the heap (the last of the best) sink to its place."""
    place = 0
    while True:
        child = 2 * place + 1
        if child + 1 < count and _after(people, child + 1, child, scores, rows):
            child += 1
        if child >= count or not _after(people, child, place, scores, rows):
            return
        scores[place], scores[child] = scores[child], scores[place]
        rows[place], rows[child] = rows[child], rows[place]
        place = child


@njit(nogil=True, cache=True)
def _rise(people: Any, scores: Any, rows: Any, place: Any) -> None:
    while place > 0:
        parent = (place - 1) // 2
        if not _after(people, place, parent, scores, rows):
            return
        scores[place], scores[parent] = scores[parent], scores[place]
        rows[place], rows[parent] = rows[parent], rows[place]
        place = parent


@njit(nogil=True, cache=True)
def _reach(tables: Any, score: Any) -> Any:
    """Give the most steps with which a row may still reach a score on the grid."""
    steps = (tables.best - score / GRID) * tables.scale + tables.scale * 4 / GRID + 1e-3
    return np.uint8(min(max(steps, 0.0), float(MOST)))


@njit(nogil=True, cache=True)
def _lowest_bit(bits: Any) -> Any:
    place = 0
    for width in (32, 16, 8, 4, 2, 1):
        if bits & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)) == 0:
            bits >>= np.uint64(width)
            place += width
    return place


@njit(nogil=True, cache=True)
def _agreed(packed: Any, start: Any, steps: Any, planes: Any, leading: Any) -> Any:
    """Add up the steps of the leading planes, on which all rows of a block agree, by its first row."""
    agreed = np.int64(0)
    for place in range(leading):
        byte, table = packed[start + planes[place] * BLOCK], 32 * planes[place]
        agreed += np.int64(steps[table + (byte & 15)]) + np.int64(steps[table + 16 + (byte >> 4)])
    return min(agreed, MOST)


@njit(nogil=True, cache=True)
def _add(packed: Any, start: Any, steps: Any, planes: Any, span: Any, sums: Any) -> None:
    for place in range(span[0], span[1]):
        plane = planes[place]
        add_steps(packed, start + plane * BLOCK, steps, plane, sums, 0)


@njit(nogil=True, cache=True)
def _enter(people: Any, best: Any, held: Any, k: Any, row: Any, score: Any) -> Any:
    """Offer a row to the heap of the best; give its score if its key is level with the last one's, else -1."""
    scores, rows = best
    scores[held], rows[held] = score, row
    if held < k:
        _rise(people, scores, rows, held)
        return -1
    if _after(people, 0, k, scores, rows):
        scores[0], rows[0], scores[k], rows[k] = scores[k], rows[k], scores[0], rows[0]
        _settle(people, scores, rows, k)
    # What was passed over, or pushed out, may be level with what is the last now.
    return scores[k] if not (_after(people, 0, k, scores, rows) or _after(people, k, 0, scores, rows)) else -1


@njit(nogil=True, cache=True)
def _offer(parts: Any, best: Any, k: Any, held: Any, found: Any, sums: Any) -> Any:
    """Score the rows whose bits are set and enter them; give how many are held, the new limit and the level."""
    blocks, people, tables = parts
    block, bits, limit, level = found
    while bits:
        lane = _lowest_bit(bits)
        bits &= bits - np.uint64(1)
        place = block * BLOCK + lane
        if sums[lane] > limit or place >= blocks.size or people.died[_row(blocks, place)] <= people.moment:
            continue
        score = _score(blocks, people, tables, place)
        level = max(level, _enter(people, best, held, k, _row(blocks, place), score))
        held = min(held + 1, k)
        if held == k:
            limit = _reach(tables, best[0][0])
    return held, limit, level


@njit(nogil=True, cache=True)
def nearest(blocks: Any, people: Any, tables: Any, k: Any) -> Any:
    """Find the k best rows among those alive.

    The loop over blocks deals in plain arrays: taking one out of a tuple costs an atomic count, and there are many.

    Returns
    -------
    rows, scores
        In no order; fewer than k if there are fewer.
    doubt
        Whether a row was passed over that only the keys themselves can tell from the last of these.
    """
    bounds = _bounds(blocks, tables)
    order = _promising(blocks, bounds)
    packed, steps, planes = blocks.planes.reshape(-1), tables.steps.reshape(-1), tables.planes
    width, last, leading, uniform = (
        blocks.planes.shape[1] * BLOCK,
        len(planes),
        tables.leading,
        blocks.uniform,
    )
    best = np.empty(k + 1, dtype=np.int64), np.empty(k + 1, dtype=np.int64)
    sums = np.empty(BLOCK, dtype=np.uint8)
    held, limit, level = 0, np.uint8(MOST), np.int64(-1)
    for block in order:
        if bounds[block] > limit:
            continue
        first = leading[uniform[block]] if block < len(uniform) else 0
        middle = max(first, last * 3 // 4)
        sums[:] = _agreed(packed, block * width, steps, planes, first)
        _add(packed, block * width, steps, planes, (first, middle), sums)
        if within(sums, limit) == 0:
            continue
        _add(packed, block * width, steps, planes, (middle, last), sums)
        bits = within(sums, limit)
        if bits:
            parts, found = (blocks, people, tables), (block, bits, limit, level)
            held, limit, level = _offer(parts, best, k, held, found, sums)
    return best[1][:held], best[0][:held], level == best[0][0]
