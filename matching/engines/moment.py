"""One moment of the index, and how the next one follows from it.

What one moment looks at is never written again, so that any number of readers may go on looking at it. Appending writes
past its end, burying writes from which moment on a row is dead, and putting rows in order makes everything anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.engines.asked import Layout, layout_of
from matching.engines.blocks import BLOCK, Blocks, People, Shape, Whole, laid_out, order_of, pack, summarised
from matching.engines.codes import Codebook, Codes
from matching.engines.contract import Floats, Key, Rows
from matching.engines.keys import Keys, put_in_order
from matching.engines.shaping import shape_for
from matching.traits.catalogue import TraitCatalogue

ALIVE = 2**32 - 1
# Room for rows that come after the others were put in order: so many, or this share.
LATER, SHARE = 2_048, 16


@dataclass(frozen=True)
class Moment:
    """What readers look at. Arrays may be longer than `rows`; what lies beyond belongs to the future.

    Attributes
    ----------
    shape
        How answers lie in the planes.
    settled
        The blocks of those rows that are in order; its planes have room for those that came later.
    fine, died
        See `People`.
    keys
        The rows' keys.
    rows, alive
        How many rows there are, and how many of them are not dead.
    number
        Which moment this is.
    tally
        How many tellers gave each answer, all traits' codes end to end, 0 at each trait's first.
    rooms
        Shape (traits,): how many codes each trait has.
    """

    shape: Shape
    settled: Blocks
    fine: Codes
    died: NDArray[np.uint32]
    keys: Keys
    rows: int
    alive: int
    number: int
    tally: Floats
    rooms: tuple[int, ...]

    @property
    def room(self) -> int:
        return len(self.died)

    @cached_property
    def blocks(self) -> Blocks:
        return self.settled._replace(size=self.rows)

    @cached_property
    def people(self) -> People:
        return People(self.fine, self.died, self.number, self.keys.high, self.keys.low)

    @cached_property
    def layout(self) -> Layout:
        return layout_of(self.shape, self.rooms)

    @cached_property
    def answered(self) -> Floats:
        """By column, how many tellers answered."""
        return np.add.reduceat(self.tally, self.layout.starts)

    def there(self) -> Rows:
        """Give the rows that are not dead."""
        return np.flatnonzero(self.died[: self.rows] > self.number)

    def codes(self, rows: Rows) -> Codes:
        """Give back what the tellers of some rows answered, shape (rows, traits)."""
        return self.shape.codes(self.settled.planes, self.fine, rows)

    def chosen(self, rows: Rows, *, bounded: bool) -> Blocks:
        """Lay some rows out in blocks of their own, with bounds or without."""
        packed = self.settled.planes[rows // BLOCK, :, rows % BLOCK]
        planes = laid_out(packed, len(rows))
        return summarised(packed if bounded else packed[:0], planes, positions=rows)._replace(size=len(rows))


def settle(
    catalogue: TraitCatalogue, book: Codebook, codes: Codes, keys: Sequence[Key], *, number: int = 0
) -> Moment:
    """Put people, shape (people, traits), in order, with room for some more."""
    shape = shape_for(catalogue, book, codes)
    packed = pack(shape.nibbles(codes))
    order = order_of(packed)
    packed, codes = packed[order], codes[order]
    room = -(-(len(codes) + max(LATER, len(codes) // SHARE)) // BLOCK) * BLOCK
    rooms = tuple(book.rooms)
    fine = np.zeros((room, len(shape.fine)), dtype=np.uint16)
    fine[: len(codes)] = codes[:, shape.fine]
    return Moment(
        shape=shape,
        # A last block that is not full has no summary: those who come later go on filling it.
        settled=summarised(packed[: len(packed) // BLOCK * BLOCK], laid_out(packed, room)),
        fine=fine,
        died=np.full(room, ALIVE, dtype=np.uint32),
        keys=Keys(put_in_order(keys, order), room),
        rows=len(codes),
        alive=len(codes),
        number=number,
        tally=_tally(codes, rooms),
        rooms=rooms,
    )


def appended(now: Moment, book: Codebook, codes: Codes, keys: Sequence[Key]) -> Moment:
    """Add people where there is room and the keys can be held."""
    rooms = tuple(book.rooms)
    shape = now.shape.covering(rooms)
    end = now.rows + len(codes)
    places = np.arange(now.rows, end)
    now.settled.planes[places // BLOCK, :, places % BLOCK] = pack(shape.nibbles(codes))
    now.fine[places] = codes[:, shape.fine]
    now.died[places] = ALIVE
    now.keys.append(keys, now.rows)
    tally = _widened(now.tally, now.rooms, rooms) + _tally(codes, rooms)
    return replace(
        now,
        shape=shape,
        rows=end,
        alive=now.alive + len(codes),
        number=now.number + 1,
        tally=tally,
        rooms=rooms,
    )


def buried(now: Moment, row: int, *, number: int) -> Moment:
    """Let a row be dead from a moment on, which is the next that readers will see."""
    tally = now.tally - _tally(now.codes(np.array([row])), now.rooms)
    now.died[row] = number
    return replace(now, alive=now.alive - 1, number=number, tally=tally)


def _tally(codes: Codes, rooms: Sequence[int]) -> Floats:
    starts = _starts(rooms)
    tally = np.bincount((codes + starts).ravel(), minlength=sum(rooms)).astype(np.float64)
    tally[starts] = 0
    return tally


def _starts(rooms: Sequence[int]) -> Whole:
    ends: Whole = np.cumsum(rooms, dtype=np.int64)
    return ends - np.array(rooms, dtype=np.int64)


def _widened(tally: Floats, old: Sequence[int], new: Sequence[int]) -> Floats:
    if old == new:
        return tally
    wide = np.zeros(sum(new))
    moved = np.repeat(_starts(new) - _starts(old), old)
    wide[np.arange(len(tally)) + moved] = tally
    return wide
