"""The engine in use: exact search over packed answers, block by block, passing over what cannot be among the best.

The score is a sum of one look-up a trait. Rows lie in blocks of people who are alike, and a block's summary bounds what
any of its rows can reach (`matching.engines.blocks`). The search is compiled where numba is installed and numpy's
otherwise, with the same results.

Threads: readers take `self._now`, one frozen moment, and never look at anything newer. A writer holds the lock, makes the
next moment (`matching.engines.moment`) and puts it in place in one assignment. An edit appends the new row and buries
the old one in the same moment.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matching.engines.asked import Compared, Tables, compare, ranking
from matching.engines.blocks import Blocks, Whole
from matching.engines.codes import Codebook, Codes
from matching.engines.contract import (
    Among,
    Floats,
    Key,
    KeyMissing,
    KeyTaken,
    Ranking,
    Rows,
    Selection,
    check_k,
    from_grid,
)
from matching.engines.keys import put_together
from matching.engines.moment import SHARE, Moment, appended, buried, settle
from matching.engines.order import best
from matching.engines.searching import Search, load_search, put_at_hand, search_at_hand
from matching.similarity import WeightedQuery
from matching.traits.catalogue import Answers, TraitCatalogue

# A selection of so many keys is laid out in blocks of its own; of fewer, scoring everybody is as quick.
WORTH_BLOCKS = 1_024
# When as much as this share is wanted, everybody is scored.
MOST_WANTED = 8


@dataclass(frozen=True)
class _Found:
    """What a selection came to at one moment.

    Attributes
    ----------
    rows
        Rising: those that are there.
    asked
        The row of each key in the selection's order, or -1.
    """

    moment: Moment
    rows: Rows
    asked: Rows
    blocks: Blocks


class ScanEngine:
    """Exact search by scanning packed answers (see `matching.engines.contract.Engine` for what it promises).

    Parameters
    ----------
    catalogue
        The traits.
    search
        Numpy's or the compiled one; by default the quickest that is loaded when a question comes (see `warm`).
    """

    def __init__(self, catalogue: TraitCatalogue, *, search: Search | None = None) -> None:
        self._catalogue = catalogue
        self._traits = tuple(trait.key for trait in catalogue)
        self._given = search
        self._book = Codebook(catalogue)
        self._lock = threading.Lock()
        self._now = settle(catalogue, self._book, self._book.encode([]), [])

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in {"_lock", "_given"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock(), _given=None)

    def __len__(self) -> int:
        return self._now.alive

    def __contains__(self, key: object) -> bool:
        return self._row(self._now, key) >= 0

    def add(self, keys: Sequence[Key], answers: Sequence[Answers]) -> None:
        self._enter(keys, lambda: self._book.encode(answers))

    def add_coded(self, keys: Sequence[Key], codes: Codes, *, by: Codebook) -> None:
        """Append people whose answers another book of the same catalogue has put in codes already."""
        self._enter(keys, lambda: self._book.translated(codes, by=by))

    def remove(self, key: Key) -> None:
        with self._lock:
            now = self._now
            self._now = buried(now, self._taken(now, key), number=now.number + 1)

    def replace(self, key: Key, answers: Answers) -> None:
        with self._lock:
            now = self._now
            old = self._taken(now, key)
            codes = self._book.encode([answers])
            if now.rows == now.room:
                now = self._resettled(now, now.there())
                old = self._taken(now, key)
            following = appended(now, self._book, codes, [key])
            self._now = buried(following, old, number=following.number)

    def select(self, keys: Collection[Key]) -> Selection:
        return Selection(keys)

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        check_k(k)
        searching = self._given or search_at_hand()
        now, blocks = self._chosen(among)
        compared, tables = self._tables(searching, now, query)
        rows, grid = self._best(searching, now, blocks, tables, k)
        found = searching.look_at(now.blocks, now.people, tables, compared.similarities, rows)
        return ranking(compared, found, keys=tuple(now.keys.at(rows)), grid=grid, traits=self._traits)

    def scores(self, query: WeightedQuery, *, among: Selection) -> Floats:
        """Give the score of each key of a selection, in its order; nan for those that are not there."""
        searching = self._given or search_at_hand()
        found = self._found(among)
        _, tables = self._tables(searching, found.moment, query)
        scores = from_grid(searching.score_all(found.blocks, found.moment.people, tables))
        given = np.full(len(among), np.nan)
        there = np.flatnonzero(np.isin(found.asked, found.rows))
        given[there] = scores[np.searchsorted(found.rows, found.asked[there])]
        return given

    # Reading

    def _tables(self, searching: Search, now: Moment, query: WeightedQuery) -> tuple[Compared, Tables]:
        compared = compare(
            query, book=self._book, tally=now.tally, answered=now.answered, starts=now.layout.starts
        )
        return compared, searching.tabulate(
            compared.similarities, compared.shares, compared.columns, now.layout
        )

    def _best(
        self, searching: Search, now: Moment, blocks: Blocks, tables: Tables, k: int
    ) -> tuple[Rows, Whole]:
        doubt = True
        if 0 < k * MOST_WANTED < blocks.size:
            rows, grid, doubt = searching.nearest(blocks, now.people, tables, k)
        if doubt:
            rows = blocks.positions if len(blocks.positions) else np.arange(blocks.size)
            grid = searching.score_all(blocks, now.people, tables)
            alive = now.people.alive(rows)
            rows, grid = rows[alive], grid[alive]
        return best(rows, grid, k=k, keys=now.keys)

    def _chosen(self, among: Among) -> tuple[Moment, Blocks]:
        if among is None:
            now = self._now
            return now, now.blocks
        if isinstance(among, Selection):
            found = self._found(among)
            return found.moment, found.blocks
        now, _, rows = self._look_up(among)
        return now, now.chosen(rows, bounded=False)

    def _found(self, among: Selection) -> _Found:
        found = among.found
        if not isinstance(found, _Found) or found.moment is not self._now:
            now, asked, rows = self._look_up(among.keys)
            found = _Found(now, rows, asked, now.chosen(rows, bounded=len(rows) >= WORTH_BLOCKS))
            among.found = found
        return found

    def _look_up(self, keys: Collection[Key]) -> tuple[Moment, Rows, Rows]:
        """Find the row of each key, or -1, and those that are there, at a moment that knows all these rows."""
        now = self._now
        asked = now.keys.rows(keys)
        if len(asked) and asked.max() >= now.rows:
            # A writer has entered newer rows than this moment's; once it is done, both agree.
            with self._lock:
                now = self._now
                asked = now.keys.rows(keys)
        rows = np.unique(asked[asked >= 0])
        return now, asked, rows[now.people.alive(rows)]

    # Writing: one at a time, always under the lock

    def _enter(self, keys: Sequence[Key], encoded: Callable[[], Codes]) -> None:
        with self._lock:
            self._now.keys.check(keys)
            there = self._there(self._now, keys) >= 0
            if there.any():
                raise KeyTaken(keys[int(np.argmax(there))])
            self._now = self._with(self._now, keys, encoded())

    def _row(self, now: Moment, key: object) -> int:
        row = now.keys.row(key)
        return row if 0 <= row < now.rows and now.died[row] > now.number else -1

    def _there(self, now: Moment, keys: Sequence[Key]) -> Rows:
        rows = now.keys.rows(keys)
        return np.where((rows >= 0) & now.people.alive(np.maximum(rows, 0)), rows, -1)

    def _taken(self, now: Moment, key: Key) -> int:
        row = self._row(now, key)
        if row < 0:
            raise KeyMissing(key)
        return row

    def _with(self, now: Moment, keys: Sequence[Key], codes: Codes) -> Moment:
        crowded = now.rows + len(keys) > now.room
        if crowded or (now.rows - now.alive) * SHARE > now.rows + now.room or not now.keys.takes(keys):
            return self._resettled(now, now.there(), keys=keys, codes=codes)
        return appended(now, self._book, codes, keys)

    def _resettled(
        self, now: Moment, rows: Rows, *, keys: Sequence[Key] = (), codes: Codes | None = None
    ) -> Moment:
        """Put those who are there, and those who come, in order anew."""
        everybody = now.codes(rows)
        if codes is not None:
            everybody = np.concatenate([everybody, codes])
        named = put_together(now.keys.at(rows), keys)
        return settle(self._catalogue, self._book, everybody, named, number=now.number + 1)


def warm(catalogue: TraitCatalogue, *, keep_in: Path | None = None) -> None:
    """Load the compiled search, or the first time compile it, for all engines of this process.

    Until that is done, and where numba is not installed, they search with numpy, with the same results; `keep_in` is
    the folder for what numba compiles (see `matching.engines.searching.load_search`).
    """
    search = load_search(keep_in=keep_in)
    engine = ScanEngine(catalogue, search=search)
    engine.add(range(2 * MOST_WANTED), [{}] * (2 * MOST_WANTED))
    for k in (1, 2 * MOST_WANTED):
        engine.search(WeightedQuery({}, {}), k=k)
    put_at_hand(search)
