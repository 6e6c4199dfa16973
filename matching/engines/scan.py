"""The engine in use: one pass of table look-ups over every teller, in numpy.

The score is a sum of one look-up a trait, so a query is a small table for each group of joint codes, and a scan adds
up len(groups) look-ups for each teller. A first pass in 32 bits finds everyone who could be among the best; only
those are scored in 64 bits.

Threads: readers take `self._now`, one frozen snapshot, and never look at anything newer. A writer holds the lock,
writes only where no snapshot looks yet (rows past the end, or fresh copies), and then puts the next snapshot in
place in one assignment. An edit appends the new row and buries the old one in the same step.
"""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.engines.codes import Codebook, Codes, Counts, Layout, pack
from matching.engines.contract import (
    Among,
    Floats,
    Key,
    KeyMissing,
    KeyTaken,
    Mask,
    MixedKeys,
    Ranking,
    Rows,
    check_k,
    from_grid,
    to_grid,
)
from matching.engines.order import Hints, best, hint
from matching.similarity import Query
from matching.traits import Answers, TraitCatalogue

# Rows scored at a time: block and table together fit the second-level cache.
BLOCK = 16_384
# Rows that share one maximum when looking for the k-th score.
TILE = 64
# Above this share of all rows, laying a mask over the full scan is cheaper than gathering row by row (measured).
SPARSE = 0.25
# More than the rounding error of a sum of 32-bit look-ups that adds up to at most 1.
DOUBT = 1e-5


@dataclass(frozen=True)
class _Snapshot:
    """One moment of the index. Arrays may be longer than `rows`; what lies beyond belongs to the future."""

    layout: Layout
    joint: Codes
    dead: Mask
    hints: Hints
    keys: list[Key]
    rows: int
    alive: int
    counts: Counts


@dataclass(frozen=True)
class _Part:
    """One compared trait: its column, its share of the weight, and the similarity of each code."""

    column: int
    weight: float
    similarities: Floats


class ScanEngine:
    """Exact search by scanning packed codes (see `matching.engines.contract.Engine` for what it promises)."""

    def __init__(self, catalogue: TraitCatalogue) -> None:
        self._traits = tuple(trait.key for trait in catalogue)
        self._book = Codebook(catalogue)
        self._rows: dict[Key, int] = {}
        self._lock = threading.Lock()
        layout = pack(self._book.rooms)
        self._now = _Snapshot(
            layout=layout,
            joint=np.zeros((len(layout.groups), 0), dtype=np.uint16),
            dead=np.zeros(0, dtype=bool),
            hints=np.zeros(0, dtype=np.uint64),
            keys=[],
            rows=0,
            alive=0,
            counts=np.zeros(layout.width),
        )

    def __len__(self) -> int:
        return self._now.alive

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        with self._lock:
            self._check_new(keys)
            codes = self._book.encode(answers)
            following = self._appended(self._now, keys, codes)
            self._rows.update(zip(keys, range(self._now.rows, following.rows), strict=True))
            self._now = following

    def remove(self, key: Key) -> None:
        with self._lock:
            following = self._buried(self._now, self._row(key))
            del self._rows[key]
            self._now = following

    def replace(self, key: Key, answers: Answers) -> None:
        with self._lock:
            old = self._row(key)
            codes = self._book.encode([answers])
            following = self._buried(self._appended(self._now, [key], codes), old)
            self._rows[key] = following.rows - 1
            self._now = following

    def mask(self, keys: Collection[Key]) -> Mask:
        now, rows = self._look_up(keys)
        mask = np.zeros(now.rows, dtype=bool)
        mask[rows] = True
        return mask

    def search(self, query: Query, *, k: int, among: Among = None) -> Ranking:
        check_k(k)
        now, rows = self._chosen(among)
        parts = self._parts(now, query)
        tables = _tables(now.layout, parts)
        if rows is None:
            rows = _contenders(now, tables, k=k, mask=among if isinstance(among, np.ndarray) else None)
        grid = to_grid(_scores(now, tables, rows))
        rows, grid = best(rows, grid, k=k, keys=now.keys, hints=now.hints)
        return self._ranking(now, parts, rows, grid)

    # Reading

    def _look_up(self, keys: Collection[Key]) -> tuple[_Snapshot, Rows]:
        """Find the rows of the keys that are there, in a snapshot that knows all these rows."""
        now = self._now
        rows = self._rows_of(keys)
        if len(rows) and rows.max() >= now.rows:
            # A writer has entered newer rows than this snapshot's; once it is done, both agree.
            with self._lock:
                now = self._now
                rows = self._rows_of(keys)
        return now, rows

    def _rows_of(self, keys: Collection[Key]) -> Rows:
        found = (self._rows.get(key, -1) for key in keys)
        rows = np.fromiter(found, dtype=np.intp, count=len(keys))
        return np.unique(rows[rows >= 0])

    def _chosen(self, among: Among) -> tuple[_Snapshot, Rows | None]:
        """Give the rows to gather one by one, or None where a full scan is cheaper."""
        if among is None:
            return self._now, None
        if not isinstance(among, np.ndarray):
            now, rows = self._look_up(among)
            return now, rows[~now.dead[rows]]
        now = self._now
        if np.count_nonzero(among) > SPARSE * now.rows:
            return now, None
        rows = np.flatnonzero(among[: now.rows])
        return now, rows[~now.dead[rows]]

    def _parts(self, now: _Snapshot, query: Query) -> list[_Part]:
        compared = []
        for column in sorted(self._book.columns[trait] for trait in query.weights):
            place, trait = now.layout.places[column], self._traits[column]
            counts = now.counts[place.offset : place.offset + place.size]
            answered = counts[1:].sum()
            if answered:
                row = self._book.books[column].similarities(query.answers[trait], place.size)
                row[0] = counts @ row / answered
                compared.append((column, query.weights[trait], row))
        total = sum(weight for _, weight, _ in compared)
        return [_Part(column, weight / total, row) for column, weight, row in compared]

    def _ranking(self, now: _Snapshot, parts: list[_Part], rows: Rows, grid: NDArray[np.int64]) -> Ranking:
        columns = [part.column for part in parts]
        codes = now.layout.split(now.joint[:, rows])[:, columns]
        similarities = [part.similarities[codes[:, place]] for place, part in enumerate(parts)]
        return Ranking(
            keys=tuple(now.keys[row] for row in rows),
            scores=from_grid(grid),
            traits=tuple(self._traits[column] for column in columns),
            weights=np.array([part.weight for part in parts]),
            similarities=np.stack(similarities, axis=1) if parts else np.zeros((len(rows), 0)),
            known=codes > 0,
        )

    # Writing, always under the lock

    def _row(self, key: Key) -> int:
        try:
            return self._rows[key]
        except KeyError:
            raise KeyMissing(key) from None

    def _check_new(self, keys: Sequence[Key]) -> None:
        taken = set()
        kind = type(self._now.keys[0]) if self._now.keys else type(keys[0]) if keys else object
        for key in keys:
            if key in self._rows or key in taken:
                raise KeyTaken(key)
            if type(key) is not kind:
                raise MixedKeys(key, kind)
            taken.add(key)

    def _appended(self, now: _Snapshot, keys: Sequence[Key], codes: NDArray[np.int64]) -> _Snapshot:
        now = _with_space(self._repacked(now, codes), len(keys))
        end = now.rows + len(keys)
        now.joint[:, now.rows : end] = now.layout.join(codes)
        now.hints[now.rows : end] = [hint(key) for key in keys]
        now.keys[now.rows :] = keys
        counts = now.counts + now.layout.count(codes)
        return replace(now, rows=end, alive=now.alive + len(keys), counts=counts)

    def _repacked(self, now: _Snapshot, codes: NDArray[np.int64]) -> _Snapshot:
        """Pack again with more room if new distinct sets no longer fit; room doubles, so this is rare."""
        if now.layout.holds(codes):
            return now
        layout = pack(self._book.rooms)
        old = now.layout.split(now.joint[:, : now.rows])
        counts = layout.count(old[~now.dead[: now.rows]])
        dead, hints = now.dead[: now.rows], now.hints[: now.rows]
        return replace(now, layout=layout, joint=layout.join(old), dead=dead, hints=hints, counts=counts)

    def _buried(self, now: _Snapshot, row: int) -> _Snapshot:
        dead = now.dead.copy()
        dead[row] = True
        counts = now.counts - now.layout.count(now.layout.split(now.joint[:, [row]]))
        return replace(now, dead=dead, alive=now.alive - 1, counts=counts)


def _with_space(now: _Snapshot, wanted: int) -> _Snapshot:
    """Copy into longer arrays if the next rows do not fit; half as much again, so that it is rare."""
    if now.rows + wanted <= len(now.dead):
        return now
    spare = max(wanted, now.rows // 2, BLOCK // 64)
    groups = len(now.joint)
    return replace(
        now,
        joint=np.concatenate([now.joint[:, : now.rows], np.zeros((groups, spare), dtype=np.uint16)], axis=1),
        dead=np.concatenate([now.dead[: now.rows], np.zeros(spare, dtype=bool)]),
        hints=np.concatenate([now.hints[: now.rows], np.zeros(spare, dtype=np.uint64)]),
    )


def _tables(layout: Layout, parts: list[_Part]) -> dict[int, Floats]:
    """For each group with a compared trait, the part of the score that each joint code stands for."""
    weighted = {part.column: part.weight * part.similarities for part in parts}
    tables = {}
    for group, columns in enumerate(layout.groups):
        if not weighted.keys().isdisjoint(columns):
            table = np.zeros(1)
            for column in columns:
                row = weighted.get(column)
                size = layout.places[column].size
                table = np.tile(table, size) if row is None else (row[:, None] + table).ravel()
            tables[group] = table
    return tables


def _scores(now: _Snapshot, tables: dict[int, Floats], rows: Rows) -> Floats:
    """Score the given rows in 64 bits; equal codes give equal scores to the last bit."""
    scores = np.zeros(len(rows))
    for group, table in tables.items():
        scores += table[now.joint[group, rows]]
    return scores


def _contenders(now: _Snapshot, tables: dict[int, Floats], *, k: int, mask: Mask | None) -> Rows:
    """Every row that could be among the k best, by a scan of all of them in 32 bits."""
    padded = -(-now.rows // TILE) * TILE
    scores = np.zeros(padded, dtype=np.float32)
    scores[now.rows :] = -np.inf
    small = [(now.joint[group, : now.rows], table.astype(np.float32)) for group, table in tables.items()]
    for start in range(0, now.rows, BLOCK):
        block = scores[start : min(start + BLOCK, now.rows)]
        for codes, table in small:
            block += np.take(table, codes[start : start + BLOCK], mode="clip")
    if now.alive < now.rows:
        np.copyto(scores[: now.rows], -np.inf, where=now.dead[: now.rows])
    if mask is not None:
        shown = np.zeros(now.rows, dtype=bool)
        shown[: len(mask)] = mask[: now.rows]
        np.copyto(scores[: now.rows], -np.inf, where=~shown)
    return np.flatnonzero(scores >= max(_floor(scores, k) - DOUBT, -1))


def _floor(scores: NDArray[np.float32], k: int) -> float:
    """Give a score that at least k rows reach, or less than any score if there are not that many tiles."""
    highest = scores.reshape(TILE, -1).max(axis=0)
    if k == 0 or k > len(highest):
        return -1.0
    return float(np.partition(highest, len(highest) - k)[len(highest) - k])
