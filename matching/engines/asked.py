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
from matching.engines.contract import Floats
from matching.similarity import Query

# Steps from the best possible score to the one to be expected of anybody; the k-th best is hardly ever further away.
STEPS = 250
MOST = 255


class Tables(NamedTuple):
    """What scanning looks up. The f compared traits are in catalogue order.

    Attributes
    ----------
    worth
        Weight times similarity for each code of each trait, end to end.
    starts
        Shape (f,): where each trait begins in it.
    half, fine
        Shape (f,): the half byte in which a trait stands, and the column of its codes beside, or -1.
    steps
        Shape (planes in use, 32): the shortfall of each class of the low and of the high half byte.
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
    fine: Whole
    steps: Bytes
    planes: Whole
    leading: Whole
    best: float
    scale: float


@dataclass(frozen=True)
class Asked:
    """A query as one moment of the index understands it."""

    columns: tuple[int, ...]
    shares: Floats
    similarities: Floats
    tables: Tables


def understand(
    query: Query, *, book: Codebook, shape: Shape, counts: Sequence[Floats], answered: Floats
) -> Asked:
    """Work out what each answer is worth to this viewer.

    Parameters
    ----------
    counts
        By column, how many tellers gave the answer of each code; the first is 0.
    answered
        Shape (traits,): how many tellers answered.
    """
    named = sorted((book.columns[trait], trait) for trait in query.weights)
    compared = [(column, trait) for column, trait in named if answered[column]]
    if not compared:
        return _nothing(shape)
    columns = [column for column, _ in compared]
    tallies = [counts[column] for column in columns]
    rows = [
        book.books[column].similarities(query.answers[trait], len(tally))
        for (column, trait), tally in zip(compared, tallies, strict=True)
    ]
    rooms = np.array([len(row) for row in rows])
    starts = np.cumsum(rooms) - rooms
    similarities = np.concatenate(rows)
    expected = np.add.reduceat(similarities * np.concatenate(tallies), starts) / answered[columns]
    similarities[starts] = expected
    weights = np.array([query.weights[trait] for _, trait in compared], dtype=np.float64)
    shares = weights / weights.sum()
    worth = similarities * np.repeat(shares, rooms)
    return Asked(tuple(columns), shares, similarities, _tables(shape, columns, worth, starts, rooms))


def _tables(shape: Shape, columns: list[int], worth: Floats, starts: Whole, rooms: Whole) -> Tables:
    tops = np.maximum.reduceat(worth, starts)
    best = float(tops.sum())
    scale = STEPS / max(best - float(worth[starts].sum()), 1e-9)
    shortfalls = np.minimum((np.repeat(tops, rooms) - worth) * scale, MOST - 1).astype(np.uint8)
    steps = np.full(32 * shape.planes, MOST, dtype=np.uint8)
    np.minimum.at(steps, np.concatenate([shape.slots[column] for column in columns]), shortfalls)
    steps[steps == MOST] = 0  # what no code stands for, and what a block does not agree on
    halves = shape.halves[columns]
    used = np.zeros(shape.planes, dtype=bool)
    used[halves // 2] = True
    leading = np.zeros(shape.planes + 1, dtype=np.int64)
    np.cumsum(used, out=leading[1:])
    return Tables(
        worth=worth,
        starts=starts,
        half=halves,
        fine=shape.beside[columns],
        steps=steps.reshape(-1, 32),
        planes=np.flatnonzero(used),
        leading=leading,
        best=best,
        scale=scale,
    )


def _nothing(shape: Shape) -> Asked:
    """Where there is nothing to compare, everybody is worth 0."""
    whole = np.zeros(0, dtype=np.int64)
    floats = np.zeros(0)
    tables = Tables(
        worth=floats,
        starts=whole,
        half=whole,
        fine=whole,
        steps=np.zeros((shape.planes, 32), dtype=np.uint8),
        planes=whole,
        leading=np.zeros(shape.planes + 1, dtype=np.int64),
        best=0.0,
        scale=1.0,
    )
    return Asked((), floats, floats, tables)
