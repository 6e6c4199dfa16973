"""The search of a scan, compiled by numba.

Blocks that may hold the best come first, so that the score to be beaten is high from early on; of the others only those are
looked into whose bound reaches it, and of their rows only those are scored whose steps do.

Inner functions take arrays one by one: taking one out of a tuple costs an atomic count, and handing on a tuple of twenty
costs more than looking into a block.
"""

from typing import Any

import numpy as np
from numba import njit

from matching.engines.asked import MOST, STEPS, Tables
from matching.engines.contract import GRID, TURN
from matching.engines.shuffle import add_planes, fill, within

BLOCK = 64
# Looked into first: at least this many blocks, or this share of them.
FIRST, SHARE = 6, 128


@njit(nogil=True, cache=True)
def tabulate(similarities: Any, shares: Any, columns: Any, layout: Any) -> Any:
    """Work out what scanning looks up, from the similarity of each code and the shares of the compared traits."""
    worth = np.zeros(len(similarities))
    tops = np.zeros(len(columns))
    best, usual = 0.0, 0.0
    for part, column in enumerate(columns):
        start, top = layout.starts[column], 0.0
        for code in range(start, start + layout.rooms[column]):
            worth[code] = similarities[code] * shares[part]
            top = max(top, worth[code])
        tops[part] = top
        best += top
        usual += worth[start]
    scale = STEPS / max(best - usual, 1e-9)
    steps = np.full(32 * layout.planes, MOST, dtype=np.uint8)
    used = np.zeros(layout.planes, dtype=np.int64)
    for part, column in enumerate(columns):
        used[layout.half[column] >> 1] = 1
        start = layout.starts[column]
        for code in range(start, start + layout.rooms[column]):
            shortfall = np.uint8(min((tops[part] - worth[code]) * scale, MOST - 1.0))
            steps[layout.slots[code]] = min(steps[layout.slots[code]], shortfall)
    for slot in range(len(steps)):
        if steps[slot] == MOST:
            steps[slot] = 0  # what no code stands for, and what a block does not agree on
    leading = np.zeros(layout.planes + 1, dtype=np.int64)
    leading[1:] = np.cumsum(used)
    starts, half, beside = layout.starts[columns], layout.half[columns], layout.beside[columns]
    planes = np.flatnonzero(used)
    return Tables(worth, starts, half, beside, steps.reshape((-1, 32)), planes, leading, best, scale)


@njit(nogil=True, cache=True)
def look_at(blocks: Any, people: Any, tables: Any, similarities: Any, rows: Any) -> Any:
    """Give the similarity of some rows in each compared trait, and whether it was answered; shape (rows, f) each."""
    alike = np.empty((len(rows), len(tables.starts)))
    known = np.empty((len(rows), len(tables.starts)), dtype=np.bool_)
    for place, row in enumerate(rows):
        for part in range(len(tables.starts)):
            half, beside = tables.half[part], tables.beside[part]
            if beside >= 0:
                code = np.int64(people.fine[row, beside])
            else:
                packed = np.int64(blocks.planes[row // BLOCK, half >> 1, row % BLOCK])
                code = packed >> ((half & 1) << 2) & 15
            alike[place, part] = similarities[tables.starts[part] + code]
            known[place, part] = code > 0
    return alike, known


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
    worth, starts, half, fine = tables.worth, tables.starts, tables.half, tables.beside
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
        sums = bounds[group * BLOCK : (group + 1) * BLOCK]
        add_planes(packed, group * planes * BLOCK, steps, tables.planes, (0, len(tables.planes)), sums)
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
def _candidates(  # noqa: PLR0913, PLR0917  # arrays come one by one, as the module says
    packed: Any, start: Any, steps: Any, planes: Any, first: Any, sums: Any, limit: Any
) -> Any:
    """Give 64 bits, set for the rows of a block whose steps are within the limit; `sums` are their steps then.

    Three quarters of the planes are enough to be done with most blocks.
    """
    last = len(planes)
    middle = max(first, last * 3 // 4)
    fill(sums, np.uint8(_agreed(packed, start, steps, planes, first)))
    add_planes(packed, start, steps, planes, (first, middle), sums)
    if within(sums, limit) == 0:
        return np.uint64(0)
    add_planes(packed, start, steps, planes, (middle, last), sums)
    return within(sums, limit)


@njit(nogil=True, cache=True)
def _lowest_bit(bits: Any) -> Any:
    place = 0
    for width in (32, 16, 8, 4, 2, 1):
        if bits & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)) == 0:
            bits >>= np.uint64(width)
            place += width
    return place


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
    worth, starts, half, fine = tables.worth, tables.starts, tables.half, tables.beside
    codes, many, died = people.fine.reshape(-1), people.fine.shape[1], people.died
    rows, scores = np.empty(k + 1, dtype=np.int64), np.empty(k + 1, dtype=np.int64)
    highs, lows = np.empty(k + 1, dtype=np.uint64), np.empty(k + 1, dtype=np.uint64)
    sums = np.empty(BLOCK, dtype=np.uint8)
    held, limit, level = 0, np.uint8(MOST), np.int64(-1)
    for block in _promising(blocks, bounds):
        if bounds[block] > limit:
            continue
        start, first = block * width, leading[uniform[block]] if block < len(uniform) else 0
        bits = _candidates(packed, start, steps, planes, first, sums, limit)
        while bits:
            lane = _lowest_bit(bits)
            bits &= bits - np.uint64(1)
            place = block * BLOCK + lane
            row = positions[place] if len(positions) else place
            if sums[lane] > limit or place >= blocks.size:
                continue
            scores[held] = _score(packed, start + lane, codes, row * many, worth, starts, half, fine)
            if (held == k and scores[k] < scores[0]) or died[row] <= people.moment:
                continue
            rows[held], highs[held], lows[held] = row, people.high[row], people.low[row]
            level = max(level, _enter(rows, scores, highs, lows, held))
            held = min(held + 1, k)
            if held == k:
                limit = _reach(tables.best, tables.scale, scores[0])
    return rows[:held], scores[:held], level == scores[0]
