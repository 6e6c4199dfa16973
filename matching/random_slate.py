"""Random slates whose probabilities are known exactly.

The shape of a slate follows from the eligible stories: coping stories first, mastery last, one story per teller. The draw
takes coping tellers uniformly, then mastery tellers uniformly from those not yet taken, then one story of each teller
uniformly. So the probability of every story follows by counting, without simulation.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from matching.engine_contract import Mask, Rows
from matching.story_table import Integers, StoryTable

MIN_TELLERS = 3


@dataclass(frozen=True)
class StoriesOfKind:
    """The eligible stories of one role model kind.

    Attributes
    ----------
    story_mask
        Shape (stories,).
    stories_per_teller
        Shape (tellers,).
    """

    story_mask: Mask
    stories_per_teller: Integers

    @cached_property
    def teller_indices(self) -> Rows:
        """Positions in the story table's tellers of those with at least one story."""
        return np.flatnonzero(self.stories_per_teller)


@dataclass(frozen=True)
class EligiblePool:
    story_table: StoryTable
    coping: StoriesOfKind
    mastery: StoriesOfKind

    @cached_property
    def teller_count(self) -> int:
        return int(np.count_nonzero(self.coping.stories_per_teller + self.mastery.stories_per_teller))

    @cached_property
    def both_kinds_teller_count(self) -> int:
        return int(np.count_nonzero(self.coping.stories_per_teller * self.mastery.stories_per_teller))


@dataclass(frozen=True)
class SlateShape:
    """The number of coping and of mastery stories in a slate, each by a different teller."""

    coping: int
    mastery: int


def build_eligible_pool(story_table: StoryTable, eligible: Mask) -> EligiblePool:
    def of_kind(story_mask: Mask) -> StoriesOfKind:
        tellers = story_table.teller_index[story_mask]
        return StoriesOfKind(story_mask, np.bincount(tellers, minlength=len(story_table.tellers)))

    return EligiblePool(
        story_table,
        coping=of_kind(eligible & story_table.is_coping),
        mastery=of_kind(eligible & ~story_table.is_coping),
    )


def choose_slate_shape(pool: EligiblePool, *, size: int) -> SlateShape:
    """Return one mastery story, or more if coping tellers alone would leave fewer than three tellers."""
    coping = len(pool.coping.teller_indices)
    mastery = max(1, MIN_TELLERS - coping) if len(pool.mastery.teller_indices) else 0
    return SlateShape(min(coping, size - mastery), mastery)


def draw_slate(pool: EligiblePool, shape: SlateShape, *, rng: np.random.Generator) -> list[int]:
    """Draw one slate of the given shape, coping first; returns rows of the story table."""
    coping = rng.permutation(pool.coping.teller_indices)[: shape.coping]
    not_taken = np.setdiff1d(pool.mastery.teller_indices, coping, assume_unique=True)
    mastery = rng.permutation(not_taken)[: shape.mastery]
    return [
        int(rng.choice(np.flatnonzero(kind.story_mask & (pool.story_table.teller_index == teller))))
        for kind, tellers in ((pool.coping, coping), (pool.mastery, mastery))
        for teller in tellers
    ]


def draw_probability(pool: EligiblePool, shape: SlateShape, row: int) -> float:
    """Return the probability that a drawn slate contains this story of the pool."""
    teller = pool.story_table.teller_index[row]
    if pool.story_table.is_coping[row]:
        return shape.coping / len(pool.coping.teller_indices) / int(pool.coping.stories_per_teller[teller])
    tells_both = bool(pool.coping.stories_per_teller[teller])
    return _mastery_teller_probability(pool, shape, tells_both=tells_both) / int(
        pool.mastery.stories_per_teller[teller]
    )


def _mastery_teller_probability(pool: EligiblePool, shape: SlateShape, *, tells_both: bool) -> float:
    """Sum over how many tellers of both kinds the coping draw removes first; that number is hypergeometric.

    If this teller tells both kinds, the coping draw must not take them, and one fewer teller of both kinds remains.
    """
    coping_tellers, mastery_tellers = len(pool.coping.teller_indices), len(pool.mastery.teller_indices)
    other_tellers_of_both = pool.both_kinds_teller_count - tells_both
    probability = 0.0
    for taken in range(min(other_tellers_of_both, shape.coping) + 1):
        ways = comb(other_tellers_of_both, taken) * comb(
            coping_tellers - pool.both_kinds_teller_count, shape.coping - taken
        )
        remaining = mastery_tellers - taken
        probability += ways / comb(coping_tellers, shape.coping) * min(shape.mastery, remaining) / remaining
    return probability
