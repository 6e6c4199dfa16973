"""The search of a scan, compiled by numba.

Blocks that may hold the best come first, so that the score to be beaten is high from early on; of the others only those are
looked into whose bound reaches it, and of their rows only those are scored whose steps do.

Inner functions take arrays one by one: taking one out of a tuple costs an atomic count, and handing on a tuple of twenty
costs more than looking into a block.
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
def _score(  # noqa: PLR0913, PLR0917  # arrays come one by one, as the module says
    packed: Any, at: Any, codes: Any, beside: Any, worth: Any, starts: Any, half: Any, fine: Any
) -> Any:
    """Give the score of the row whose half bytes start at `at` and whose codes start at `beside`, on the grid."""
    score = 0.0
    for part in range(len(starts)):
        if fine[part] >= 0:
            code = np.int64(codes[beside + fine[part]])
        else:
            code = (np.int64(packed[at + (half[part] >> 1) * BLOCK]) >> ((half[part] & 1) << 2)) & 15
        score += worth[starts[part] + code]
    return np.int64(np.floor(score * GRID + TURN))


@njit(nogil=True, cache=True)
def score_all(blocks: Any, people: Any, tables: Any) -> Any:
    """Give the score of every row there is, on the grid."""
    packed, width, positions = blocks.planes.reshape(-1), blocks.planes.shape[1] * BLOCK, blocks.positions
    worth, starts, half, fine = tables.worth, tables.starts, tables.half, tables.fine
    codes = people.fine.reshape(-1)
    grid = np.empty(blocks.size, dtype=np.int64)
    for place in range(blocks.size):
        row = positions[place] if len(positions) else place
        at = place // BLOCK * width + place % BLOCK
        grid[place] = _score(packed, at, codes, row * people.fine.shape[1], worth, starts, half, fine)
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
def _after(scores: Any, highs: Any, lows: Any, one: Any, other: Any) -> Any:
    """Say whether one of two in the heap ranks after the other."""
    if scores[one] != scores[other]:
        return scores[one] < scores[other]
    if highs[one] != highs[other]:
        return highs[one] > highs[other]
    return lows[one] > lows[other]


@njit(nogil=True, cache=True)
def _swap(rows: Any, scores: Any, highs: Any, lows: Any, one: Any, other: Any) -> None:
    rows[one], rows[other] = rows[other], rows[one]
    scores[one], scores[other] = scores[other], scores[one]
    highs[one], highs[other] = highs[other], highs[one]
    lows[one], lows[other] = lows[other], lows[one]


@njit(nogil=True, cache=True)
def _rise(rows: Any, scores: Any, highs: Any, lows: Any, place: Any) -> None:
    while place > 0:
        parent = (place - 1) // 2
        if not _after(scores, highs, lows, place, parent):
            return
        _swap(rows, scores, highs, lows, place, parent)
        place = parent


@njit(nogil=True, cache=True)
def _sink(rows: Any, scores: Any, highs: Any, lows: Any, count: Any) -> None:
    """Let what stands on top of the heap, where the last of the best belongs, sink to its place."""
    place = 0
    while True:
        child = 2 * place + 1
        if child + 1 < count and _after(scores, highs, lows, child + 1, child):
            child += 1
        if child >= count or not _after(scores, highs, lows, child, place):
            return
        _swap(rows, scores, highs, lows, place, child)
        place = child


@njit(nogil=True, cache=True)
def _enter(rows: Any, scores: Any, highs: Any, lows: Any, held: Any) -> Any:
    """Take who waits behind the heap into it; give their score if the keys do not decide between them and the last."""
    k = len(rows) - 1
    if held < k:
        _rise(rows, scores, highs, lows, held)
        return np.int64(-1)
    if _after(scores, highs, lows, 0, k):
        _swap(rows, scores, highs, lows, 0, k)
        _sink(rows, scores, highs, lows, k)
    # Whoever was passed over or pushed out may be level with who is the last now.
    level = not (_after(scores, highs, lows, 0, k) or _after(scores, highs, lows, k, 0))
    return scores[k] if level else np.int64(-1)


@njit(nogil=True, cache=True)
def _reach(best: Any, scale: Any, score: Any) -> Any:
    """Give the most steps with which a row may still reach a score on the grid."""
    steps = (best - score / GRID) * scale + scale * 4 / GRID + 1e-3
    return np.uint8(min(max(steps, 0.0), float(MOST)))


@njit(nogil=True, cache=True)
def _agreed(packed: Any, start: Any, steps: Any, planes: Any, leading: Any) -> Any:
    """Add up the steps of the leading planes, on which all rows of a block agree, by its first row."""
    agreed = np.int64(0)
    for place in range(leading):
        byte, table = packed[start + planes[place] * BLOCK], 32 * planes[place]
        agreed += np.int64(steps[table + (byte & 15)]) + np.int64(steps[table + 16 + (byte >> 4)])
    return min(agreed, MOST)


@njit(nogil=True, cache=True)
def _within(packed: Any, start: Any, steps: Any, planes: Any, first: Any, room: Any) -> Any:
    """List the lanes of a block whose steps are within the limit; give how many.

    `room` holds the limit, the sums of the 64 lanes, and the list.
    """
    limit, sums, lanes = room
    last = len(planes)
    middle = max(first, last * 3 // 4)
    sums[:] = _agreed(packed, start, steps, planes, first)
    for place in range(first, middle):
        add_steps(packed, start + planes[place] * BLOCK, steps, planes[place], sums, 0)
    if within(sums, limit) == 0:
        return 0
    for place in range(middle, last):
        add_steps(packed, start + planes[place] * BLOCK, steps, planes[place], sums, 0)
    count = 0
    if within(sums, limit):
        for lane in range(BLOCK):
            lanes[count] = lane
            count += sums[lane] <= limit
    return count


@njit(nogil=True, cache=True)
def nearest(blocks: Any, people: Any, tables: Any, k: Any) -> Any:
    """Find the k best rows among those alive.

    Returns
    -------
    rows, scores
        In no order; fewer than k if there are fewer.
    doubt
        Whether a row was passed over that only the keys themselves can tell from the last of these.
    """
    bounds = _bounds(blocks, tables)
    packed, width, positions = blocks.planes.reshape(-1), blocks.planes.shape[1] * BLOCK, blocks.positions
    steps, planes, leading, uniform = tables.steps.reshape(-1), tables.planes, tables.leading, blocks.uniform
    worth, starts, half, fine = tables.worth, tables.starts, tables.half, tables.fine
    codes, many, died = people.fine.reshape(-1), people.fine.shape[1], people.died
    rows, scores = np.empty(k + 1, dtype=np.int64), np.empty(k + 1, dtype=np.int64)
    highs, lows = np.empty(k + 1, dtype=np.uint64), np.empty(k + 1, dtype=np.uint64)
    sums, lanes = np.empty(BLOCK, dtype=np.uint8), np.empty(BLOCK + 1, dtype=np.int64)
    held, limit, level = 0, np.uint8(MOST), np.int64(-1)
    for block in _promising(blocks, bounds):
        if bounds[block] > limit:
            continue
        first = leading[uniform[block]] if block < len(uniform) else 0
        for one in range(_within(packed, block * width, steps, planes, first, (limit, sums, lanes))):
            place = block * BLOCK + lanes[one]
            row = positions[place] if len(positions) else place
            if sums[lanes[one]] > limit or place >= blocks.size:
                continue
            at = block * width + lanes[one]
            scores[held] = _score(packed, at, codes, row * many, worth, starts, half, fine)
            if (held == k and scores[k] < scores[0]) or died[row] <= people.moment:
                continue
            rows[held], highs[held], lows[held] = row, people.high[row], people.low[row]
            level = max(level, _enter(rows, scores, highs, lows, held))
            held = min(held + 1, k)
            if held == k:
                limit = _reach(tables.best, tables.scale, scores[0])
    return rows[:held], scores[:held], level == scores[0]
