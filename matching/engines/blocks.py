"""How answers lie in memory so that most of them need not be looked at.

Each trait has a half byte in every row: 0 for "not answered", 1 to 14 for a class of answers. Small traits have a class
for each answer; of the others, a class holds answers that are near each other, and the code itself stands beside. Two
traits share a byte, 64 rows a block, and the bytes of a block lie together: a processor looks up 32 half bytes at once.

Rows are in order of their half bytes, those first that tell most a bit, so that the rows of a block are alike. What all
rows of a block agree on is its summary (15 where they do not): a bound for the block, at the price of one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engines.codes import Codes
from matching.engines.contract import Rows

Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]

BLOCK = 64
CLASSES = 14
MIXED = 15


class Blocks(NamedTuple):
    """Rows in blocks, and the summaries of those that are in order.

    Attributes
    ----------
    planes
        Shape (blocks, traits / 2, 64).
    summary
        The summaries of 64 blocks at a time, in the same form; shape (blocks / 64, traits / 2, 64).
    uniform
        For each summarised block, on how many of its leading planes all rows agree.
    positions
        Which row of the index each row is; of length 0 if they are the same.
    size
        How many rows there are.
    """

    planes: Bytes
    summary: Bytes
    uniform: Whole
    positions: Rows
    size: int


class People(NamedTuple):
    """What is known of each row of the index beside its half bytes.

    Attributes
    ----------
    fine
        Shape (rows, fine traits): codes of the traits that have more answers than classes.
    died
        The moment from which a row is there no more.
    moment
        The moment at which this is looked at.
    high, low
        What its key sorts by.
    """

    fine: Codes
    died: NDArray[np.uint32]
    moment: int
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]

    def alive(self, rows: Rows) -> NDArray[np.bool_]:
        return self.died[rows] > self.moment


@dataclass(frozen=True)
class Shape:
    """Which half byte each trait has, and which class each of its codes.

    Attributes
    ----------
    order
        Columns of the traits, the most telling first.
    classes
        By column, the class of each code.
    fine
        Columns whose codes stand beside because a class holds several.
    """

    order: tuple[int, ...]
    classes: tuple[Bytes, ...]
    fine: tuple[int, ...]

    @cached_property
    def halves(self) -> Whole:
        """By column, the half byte in which it stands."""
        halves = np.empty(len(self.order), dtype=np.int64)
        halves[list(self.order)] = np.arange(len(self.order))
        return halves

    @cached_property
    def beside(self) -> Whole:
        """By column, where its codes stand beside, or -1."""
        beside = np.full(len(self.order), -1, dtype=np.int64)
        beside[list(self.fine)] = np.arange(len(self.fine))
        return beside

    @cached_property
    def slots(self) -> tuple[Rows, ...]:
        """By column and code, which of all classes of all half bytes it is."""
        return tuple(
            16 * half + classes.astype(np.intp)
            for half, classes in zip(self.halves, self.classes, strict=True)
        )

    @property
    def planes(self) -> int:
        return -(-len(self.order) // 2)

    def nibbles(self, codes: Codes) -> Bytes:
        """Shape (people, traits) to (people, 2 * planes)."""
        nibbles = np.zeros((len(codes), 2 * self.planes), dtype=np.uint8)
        for half, column in enumerate(self.order):
            nibbles[:, half] = self.classes[column][codes[:, column]]
        return nibbles

    def codes(self, planes: Bytes, fine: Codes, rows: Rows) -> Codes:
        """Give back the codes of some rows, shape (rows, traits)."""
        packed = planes[rows // BLOCK, :, rows % BLOCK]
        nibbles = np.empty((len(rows), 2 * self.planes), dtype=np.uint16)
        nibbles[:, 0::2] = packed & 15
        nibbles[:, 1::2] = packed >> 4
        codes = nibbles[:, self.halves]
        codes[:, self.fine] = fine[rows]
        return codes

    def covering(self, rooms: Sequence[int]) -> "Shape":
        """Put codes that are new since into the last class of their trait."""
        if all(len(known) == room for known, room in zip(self.classes, rooms, strict=True)):
            return self
        classes = tuple(
            np.concatenate([known, np.full(room - len(known), CLASSES, dtype=np.uint8)])
            for known, room in zip(self.classes, rooms, strict=True)
        )
        return Shape(self.order, classes, self.fine)


def pack(nibbles: Bytes) -> Bytes:
    """Shape (people, 2 * planes) to (people, planes)."""
    packed: Bytes = nibbles[:, 0::2] | nibbles[:, 1::2] << np.uint8(4)
    return packed


def laid_out(packed: Bytes, room: int) -> Bytes:
    """Put rows, shape (people, planes), into blocks with room for so many people."""
    padded = np.zeros((-(-room // BLOCK) * BLOCK, packed.shape[1]), dtype=np.uint8)
    padded[: len(packed)] = packed
    return np.ascontiguousarray(padded.reshape(-1, BLOCK, packed.shape[1]).transpose(0, 2, 1))


def order_of(packed: Bytes) -> Rows:
    """Give the order in which rows, shape (people, planes), lie: by their sixteen most telling half bytes."""
    turned = (packed << 4 | packed >> 4)[:, :8].astype(np.uint64)
    key = np.zeros(len(packed), dtype=np.uint64)
    for plane in range(turned.shape[1]):
        key = key << np.uint64(8) | turned[:, plane]
    return np.argsort(key, kind="stable")


def summarised(packed: Bytes, planes: Bytes, *, positions: Rows | None = None) -> Blocks:
    """Lay summaries over rows that are in order, shape (people, planes), already laid out as `planes`."""
    firsts = packed[::BLOCK]
    starts = np.arange(0, len(packed), BLOCK)
    alike = _agreeing(packed, starts, 15), _agreeing(packed, starts, 240)
    low = np.where(alike[0], firsts & 15, MIXED)
    high = np.where(alike[1], firsts >> 4, MIXED)
    both = alike[0] & alike[1]
    uniform = np.where(both.all(axis=1), both.shape[1], both.argmin(axis=1)).astype(np.int64)
    return Blocks(
        planes=planes,
        summary=laid_out((low | high << 4).astype(np.uint8), len(firsts)),
        uniform=uniform,
        positions=np.zeros(0, dtype=np.intp) if positions is None else positions,
        size=len(packed),
    )


def _agreeing(packed: Bytes, starts: Rows, half: int) -> NDArray[np.bool_]:
    if not len(packed):
        return np.zeros((0, packed.shape[1]), dtype=bool)
    part = packed & np.uint8(half)
    agreeing: NDArray[np.bool_] = np.minimum.reduceat(part, starts) == np.maximum.reduceat(part, starts)
    return agreeing
