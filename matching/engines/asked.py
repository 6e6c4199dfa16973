"""One query in numbers: what each code of each compared trait is worth, and what it falls short of the best.

A score is a sum of one worth a trait. Seen from the highest score that anybody could have, it is that less a sum of
shortfalls, and a class of answers falls short by at least as much as its best answer does. Counted in whole steps,
rounded down, shortfalls fit in a byte, and a row whose steps are too many cannot be among the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matching.engines.blocks import Bytes, Shape, Whole
from matching.engines.codes import Codebook, Codes
from matching.engines.contract import Floats, Key, Ranking, from_grid
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
class Compared:
    """A query as one moment of the index understands it, over the f traits that it compares.

    Attributes
    ----------
    columns
        The traits' columns, in catalogue order.
    shares
        Shape (f,): their weights, which add up to 1.
    similarities
        The similarity of each code of each trait to the viewer's answer, end to end; "not answered" has the expected one.
    rooms, starts
        Shape (f,): how many codes each trait has, and where they begin.
    """

    columns: tuple[int, ...]
    shares: Floats
    similarities: Floats
    rooms: Whole
    starts: Whole

    @cached_property
    def worth(self) -> Floats:
        """Weight times similarity, for each code."""
        return self.similarities * np.repeat(self.shares, self.rooms)


def compare(query: Query, *, book: Codebook, counts: Sequence[Floats], answered: Floats) -> Compared:
    """Work out how alike each possible answer is to this viewer's.

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
        nothing = np.zeros(0, dtype=np.int64)
        return Compared((), np.zeros(0), np.zeros(0), nothing, nothing)
    columns = [column for column, _ in compared]
    rows = [
        book.books[column].similarities(query.answers[trait], len(counts[column]))
        for column, trait in compared
    ]
    rooms = np.array([len(row) for row in rows])
    starts = np.cumsum(rooms) - rooms
    similarities = np.concatenate(rows)
    tallies = np.concatenate([counts[column] for column in columns])
    similarities[starts] = np.add.reduceat(similarities * tallies, starts) / answered[columns]
    weights = np.array([query.weights[trait] for _, trait in compared], dtype=np.float64)
    return Compared(tuple(columns), weights / weights.sum(), similarities, rooms, starts)


def tables_of(compared: Compared, shape: Shape) -> Tables:
    """Work out what scanning looks up."""
    columns, starts, worth = list(compared.columns), compared.starts, compared.worth
    tops = np.maximum.reduceat(worth, starts) if columns else np.zeros(0)
    best = float(tops.sum())
    scale = STEPS / max(best - float(worth[starts].sum()), 1e-9)
    steps = np.full(32 * shape.planes, MOST, dtype=np.uint8)
    if columns:
        shortfalls = np.minimum((np.repeat(tops, compared.rooms) - worth) * scale, MOST - 1).astype(np.uint8)
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


def ranking(
    compared: Compared, codes: Codes, *, keys: tuple[Key, ...], grid: Whole, traits: Sequence[str]
) -> Ranking:
    """Put together what was found; `codes` has shape (found, all traits)."""
    chosen = codes[:, list(compared.columns)]
    return Ranking(
        keys=keys,
        scores=from_grid(grid),
        traits=tuple(traits[column] for column in compared.columns),
        weights=compared.shares,
        similarities=compared.similarities[compared.starts + chosen],
        known=chosen > 0,
    )
