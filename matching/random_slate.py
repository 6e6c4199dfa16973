"""A random slate whose odds are known exactly.

The shape of a slate is fixed by who is there: some coping stories first, mastery last, one story a teller. The draw
takes coping tellers evenly, then mastery tellers evenly from those not taken yet, then one story of each teller
evenly; so the chance of every story follows by counting, without simulation.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from matching.engines.contract import Mask, Rows
from matching.story_table import Integers, StoryTable

MIN_TELLERS = 3


@dataclass(frozen=True)
class Kind:
    """The stories of one kind within the gates.

    Attributes
    ----------
    stories
        Shape (stories,): which they are.
    told
        Shape (tellers,): how many of them each teller told.
    """

    stories: Mask
    told: Integers

    @cached_property
    def tellers(self) -> Rows:
        """Those who told any, by their place in the crowd's tellers."""
        return np.flatnonzero(self.told)


@dataclass(frozen=True)
class EligiblePool:
    """Every story within the gates, by kind and teller."""

    story_table: StoryTable
    coping: Kind
    mastery: Kind

    @cached_property
    def teller_count(self) -> int:
        return int(np.count_nonzero(self.coping.told + self.mastery.told))

    @cached_property
    def of_both(self) -> int:
        """How many tellers told stories of both kinds."""
        return int(np.count_nonzero(self.coping.told * self.mastery.told))


@dataclass(frozen=True)
class Shape:
    """How many coping and how many mastery stories a slate takes; each by another teller."""

    coping: int
    mastery: int


def pool_of(crowd: StoryTable, within: Mask) -> EligiblePool:
    """Put the stories within the gates together by kind."""

    def kind(stories: Mask) -> Kind:
        return Kind(stories, np.bincount(crowd.teller_index[stories], minlength=len(crowd.tellers)))

    return EligiblePool(crowd, coping=kind(within & crowd.is_coping), mastery=kind(within & ~crowd.is_coping))


def shape_of(pool: EligiblePool, *, size: int) -> Shape:
    """One how-to at the end, or more only where coping tellers alone would leave fewer than three voices."""
    coping = len(pool.coping.tellers)
    mastery = max(1, MIN_TELLERS - coping) if len(pool.mastery.tellers) else 0
    return Shape(min(coping, size - mastery), mastery)


def draw(pool: EligiblePool, shape: Shape, *, rng: np.random.Generator) -> list[int]:
    """Draw one slate of the given shape, coping first; gives places in the crowd."""
    coping = rng.permutation(pool.coping.tellers)[: shape.coping]
    rest = np.setdiff1d(pool.mastery.tellers, coping, assume_unique=True)
    mastery = rng.permutation(rest)[: shape.mastery]
    return [
        int(rng.choice(np.flatnonzero(kind.stories & (pool.story_table.teller_index == teller))))
        for kind, tellers in ((pool.coping, coping), (pool.mastery, mastery))
        for teller in tellers
    ]


def chance(pool: EligiblePool, shape: Shape, place: int) -> float:
    """Give the probability that a drawn slate holds this story of the pool."""
    teller = pool.story_table.teller_index[place]
    if pool.story_table.is_coping[place]:
        return shape.coping / len(pool.coping.tellers) / int(pool.coping.told[teller])
    both = bool(pool.coping.told[teller])
    return _mastery_chance(pool, shape, both=both) / int(pool.mastery.told[teller])


def _mastery_chance(pool: EligiblePool, shape: Shape, *, both: bool) -> float:
    """Give a mastery teller's chance, by how many tellers of both kinds the coping draw takes away first.

    That number is hypergeometric. A teller of both kinds must not be among those taken; then the others taken come
    from one fewer.
    """
    total, wanted, masters = len(pool.coping.tellers), shape.coping, len(pool.mastery.tellers)
    others = pool.of_both - both
    likely = 0.0
    for taken in range(min(others, wanted) + 1):
        ways = comb(others, taken) * comb(total - pool.of_both, wanted - taken)
        left = masters - taken
        likely += ways / comb(total, wanted) * min(shape.mastery, left) / left
    return likely
