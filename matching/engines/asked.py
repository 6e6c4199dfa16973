"""One query in numbers: what each code of each compared trait is worth, and what it falls short of the best.

A score is a sum of one worth a trait. Seen from the highest score that anybody could have, it is that less a sum of
shortfalls, and a class of answers falls short by at least as much as its best answer does. Counted in whole steps,
rounded down, shortfalls fit in a byte, and a row whose steps are too many cannot be among the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from matching.engines.blocks import Bytes, Shape, Whole
from matching.engines.codes import Codebook
from matching.engines.contract import Floats, Key, Mask, Ranking, from_grid
from matching.similarity import WeightedQuery

# Steps from the best possible score to the one to be expected of anybody; the k-th best is hardly ever further away.
STEPS = 250
MOST = 255


class Layout(NamedTuple):
    """Where each trait stands in tables and rows. All traits' codes lie end to end.

    Attributes
    ----------
    starts, rooms
        Shape (traits,): where a trait's codes begin, and how many it has.
    slots
        Shape (codes,): which class of which half byte each code is, 16 to a half byte.
    half, beside
        Shape (traits,): the half byte of each trait, and the column of its codes beside, or -1.
    planes
        How many planes there are.
    """

    starts: Whole
    rooms: Whole
    slots: Whole
    half: Whole
    beside: Whole
    planes: int


class Tables(NamedTuple):
    """What scanning looks up. The f compared traits are in catalogue order.

    Attributes
    ----------
    worth
        Shape (codes,): weight times similarity.
    starts, half, beside
        Shape (f,): those of the layout.
    steps
        Shape (planes, 32): the shortfall of each class of the low and of the high half byte.
    planes
        The planes in use: those with a compared trait.
    leading
        How many planes in use there are among the first n.
    best
        The highest score that anybody could have.
    scale
        Steps to one point of score.
    """

    worth: Floats
    starts: Whole
    half: Whole
    beside: Whole
    steps: Bytes
    planes: Whole
    leading: Whole
    best: float
    scale: float


@dataclass(frozen=True)
class Compared:
    """A query as one moment of the index understands it, over the f traits that it compares.

    Attributes
    ----------
    columns, shares
        Shape (f,): the traits, in catalogue order, and their weights, which add up to 1.
    similarities
        Shape (codes,): the similarity of each code to the viewer's answer; that of "not answered" is the expected one.
    starts
        Shape (f,): where each trait's codes begin in it.
    """

    columns: Whole
    shares: Floats
    similarities: Floats
    starts: Whole


def layout_of(shape: Shape, rooms: Sequence[int]) -> Layout:
    whole = np.array(rooms, dtype=np.int64)
    return Layout(
        starts=np.cumsum(whole) - whole,
        rooms=whole,
        slots=np.concatenate(shape.slots).astype(np.int64),
        half=shape.halves,
        beside=shape.beside,
        planes=shape.planes,
    )


def compare(
    query: WeightedQuery, *, book: Codebook, tally: Floats, answered: Floats, starts: Whole
) -> Compared:
    """Work out how alike each possible answer is to this viewer's.

    Parameters
    ----------
    tally
        Shape (codes,): how many tellers gave each answer; 0 for "not answered".
    answered
        Shape (traits,): how many tellers answered.
    starts
        Shape (traits,): where each trait's codes begin.
    """
    told, ends = (answered > 0).tolist(), [*starts.tolist(), len(tally)]
    named = sorted((book.columns[trait], trait) for trait in query.weights)
    compared = [(column, trait) for column, trait in named if told[column]]
    similarities = np.zeros(len(tally))
    for column, trait in compared:
        start, end = ends[column], ends[column + 1]
        similarities[start:end] = book.books[column].similarities(query.answers[trait], end - start)
    columns = np.array([column for column, _ in compared], dtype=np.int64)
    chosen = starts[columns]
    expected = np.add.reduceat(similarities * tally, starts)
    similarities[chosen] = (expected / np.maximum(answered, 1))[columns]
    weights = np.array([query.weights[trait] for _, trait in compared], dtype=np.float64)
    shares = weights / weights.sum() if compared else weights
    return Compared(columns, shares, similarities, chosen)


def ranking(
    compared: Compared,
    found: tuple[Floats, Mask],
    *,
    keys: tuple[Key, ...],
    grid: Whole,
    traits: Sequence[str],
) -> Ranking:
    """Put together what was found: the similarities, and which of them are known."""
    similarities, known = found
    return Ranking(
        keys=keys,
        scores=from_grid(grid),
        traits=tuple([traits[column] for column in compared.columns.tolist()]),
        weights=compared.shares,
        similarities=similarities,
        known=known,
    )
