"""A random slate whose odds are known exactly.

The shape of a slate is fixed by who is there: some coping stories first, mastery last, one story a teller. The draw
takes coping tellers evenly, then mastery tellers evenly from those not taken yet, then one story of each teller
evenly; so the chance of every story follows by counting, without simulation.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import comb

import numpy as np

from matching.eligibility import ModelKind, StoryFacts
from matching.engines.contract import Key

TELLERS = 3

ByTeller = Mapping[Key, Sequence[StoryFacts]]


@dataclass(frozen=True)
class Pool:
    """Every story within the gates, by kind and teller."""

    coping: ByTeller
    mastery: ByTeller

    @property
    def tellers(self) -> int:
        return len(self.coping.keys() | self.mastery.keys())


@dataclass(frozen=True)
class Shape:
    """How many coping and how many mastery stories a slate takes; each by another teller."""

    coping: int
    mastery: int


def pool_of(stories: Iterable[StoryFacts]) -> Pool:
    coping: dict[Key, list[StoryFacts]] = {}
    mastery: dict[Key, list[StoryFacts]] = {}
    for story in stories:
        kind = coping if story.model_kind == ModelKind.COPING else mastery
        kind.setdefault(story.teller, []).append(story)
    return Pool(coping, mastery)


def shape_of(pool: Pool, *, size: int) -> Shape:
    """One how-to at the end, or more only where coping tellers alone would leave fewer than three voices."""
    coping = len(pool.coping)
    mastery = max(1, TELLERS - coping) if pool.mastery else 0
    return Shape(min(coping, size - mastery), mastery)


def draw(pool: Pool, shape: Shape, *, rng: np.random.Generator) -> list[StoryFacts]:
    """Draw one slate of the given shape, coping first; the order in which stories came makes no difference."""
    coping = _some(pool.coping.keys(), shape.coping, rng)
    rest = pool.mastery.keys() - set(coping)
    mastery = _some(rest, min(shape.mastery, len(rest)), rng)
    drawn = [pool.coping[teller] for teller in coping] + [pool.mastery[teller] for teller in mastery]
    return [_one(stories, rng) for stories in drawn]


def chance(pool: Pool, shape: Shape, story: StoryFacts) -> float:
    """Give the probability that a drawn slate holds this story of the pool."""
    if story.model_kind == ModelKind.COPING:
        return shape.coping / len(pool.coping) / len(pool.coping[story.teller])
    return _mastery_chance(pool, shape, both=story.teller in pool.coping) / len(pool.mastery[story.teller])


def _mastery_chance(pool: Pool, shape: Shape, *, both: bool) -> float:
    """Give a mastery teller's chance, by how many tellers of both kinds the coping draw takes away first.

    That number is hypergeometric. A teller of both kinds must not be among those taken; then the others taken come
    from one fewer.
    """
    total, wanted = len(pool.coping), shape.coping
    also_coping = len(pool.mastery.keys() & pool.coping.keys())
    others = also_coping - both
    likely = 0.0
    for taken in range(min(others, wanted) + 1):
        ways = comb(others, taken) * comb(total - also_coping, wanted - taken)
        left = len(pool.mastery) - taken
        likely += ways / comb(total, wanted) * min(shape.mastery, left) / left
    return likely


def _some(tellers: AbstractSet[Key], count: int, rng: np.random.Generator) -> list[Key]:
    ordered = sorted(tellers)
    return [ordered[place] for place in rng.permutation(len(ordered))[:count].tolist()]


def _one(stories: Sequence[StoryFacts], rng: np.random.Generator) -> StoryFacts:
    ordered = sorted(stories, key=lambda story: story.key)
    return ordered[int(rng.integers(len(ordered)))]
