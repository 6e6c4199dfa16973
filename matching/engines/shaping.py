"""Choosing how answers lie in memory, from what people answered.

Any choice gives the same results. A good one lets whole blocks be passed over: the rows of a block share the answers that
come first in the order, so those should tell as much as can be about a score at as few different values as can be.
"""

from dataclasses import dataclass

import numpy as np

from matching.engines.blocks import BLOCK, CLASSES, Bytes, Shape
from matching.engines.codes import Book, Codebook, Codes
from matching.engines.contract import Floats, Rows
from matching.traits.catalogue import NumericTrait, OrdinalTrait, TraitCatalogue

# Below this, a trait that nearly nobody answered would seem to tell much at no price.
LEAST_ENTROPY = 0.05


@dataclass(frozen=True)
class _Standing:
    """What choosing takes into account of one trait."""

    column: int
    set_aside: bool
    classes: Bytes
    entropy: float
    lack: float

    @property
    def told_a_bit(self) -> float:
        return self.lack / self.entropy


def shape_for(catalogue: TraitCatalogue, book: Codebook, codes: Codes) -> Shape:
    """Choose classes and order for people with these codes.

    The first traits are those that tell most a bit: by how unlike two people are in them, over the entropy of their half
    byte. Once rows are told apart down to blocks, what tells most at once comes next. Identity traits, which weigh
    nothing unless a viewer asks, share the last bytes.
    """
    standings = [
        _standing(column, known, codes[:, column], set_aside=trait.identity)
        for column, (trait, known) in enumerate(zip(catalogue, book.books, strict=True))
    ]
    waiting = sorted(standings, key=lambda one: (one.set_aside, -one.told_a_bit, one.column))
    bits = np.log2(max(2.0, len(codes) / BLOCK))
    entropies = np.cumsum([one.entropy for one in waiting])
    first = int(np.searchsorted(entropies, bits)) + 2
    later = sorted(waiting[first:], key=lambda one: (one.set_aside, -one.lack, one.column))
    return Shape(
        order=tuple(one.column for one in (*waiting[:first], *later)),
        classes=tuple(one.classes for one in standings),
        fine=tuple(
            column for column, known in enumerate(book.books) if known.grows or known.room > CLASSES + 1
        ),
    )


def _standing(
    column: int, book: Book, codes: np.ndarray[tuple[int], np.dtype[np.uint16]], *, set_aside: bool
) -> _Standing:
    counts = np.bincount(codes, minlength=book.room).astype(np.float64)
    leaders = 1 + np.argsort(-counts[1:], kind="stable")[:CLASSES]
    likeness = (
        np.stack([book.likeness(int(code), book.room) for code in leaders])
        if len(leaders)
        else np.zeros((0, 1))
    )
    classes = _classes(book, counts, leaders, likeness)
    shares = np.bincount(classes, weights=counts, minlength=CLASSES + 1) / max(1, len(codes))
    spoken = shares[shares > 0]
    entropy = float(-(spoken * np.log2(spoken)).sum())
    return _Standing(
        column, set_aside, classes, max(entropy, LEAST_ENTROPY), _lack(counts, leaders, likeness)
    )


def _classes(book: Book, counts: Floats, leaders: Rows, likeness: Floats) -> Bytes:
    """Give the class of each code: its own, a stretch of neighbours, or that of the frequent code most like it."""
    classes = np.zeros(book.room, dtype=np.uint8)
    if not book.grows and book.room <= CLASSES + 1:
        classes[:] = np.arange(book.room)
    elif isinstance(book.trait, NumericTrait | OrdinalTrait):
        reached = np.cumsum(counts[1:] + LEAST_ENTROPY)
        classes[1:] = 1 + np.minimum(CLASSES - 1, CLASSES * (reached - counts[1:]) // reached[-1])
    elif len(leaders):
        led = likeness.copy()
        led[np.arange(len(leaders)), leaders] = 2
        # Of equals the last, the least frequent: what is like nothing else should not blur the frequent ones.
        classes[1:] = len(leaders) - led[::-1, 1:].argmax(axis=0)
    return classes


def _lack(counts: Floats, leaders: Rows, likeness: Floats) -> float:
    """Say how unlike two people are to be expected in a trait, from 0 to 1."""
    frequent = counts[leaders]
    if not frequent.sum():
        return 0.0
    return 1 - float(frequent @ likeness[:, 1:] @ counts[1:] / (frequent.sum() * counts[1:].sum()))
