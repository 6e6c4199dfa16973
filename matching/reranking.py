"""What a story is worth to a viewer, and how unlike the stories of a slate should be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

import numpy as np

from matching.engines.contract import Floats, Key, Mask
from matching.engines.keys import Words
from matching.records import RoleModelKind, StoryFacts, ViewerFacts
from matching.story_table import StoryTable
from matching.traits.catalogue import Answer, Answers, TraitCatalogue

SHORTLIST_SIZE = 60
# The most stories in a slate.
MAX_SLATE_SIZE = 6
# The most that each adjustment may move a score; together they stay within 0.1 either way.
MAX_START_RUNG_ADJUSTMENT = 0.04
COPING_BONUS = 0.02
MAX_FRESHNESS_BONUS = 0.02
MAX_EFFECT_ADJUSTMENT = 0.02
MAX_LESS_LIKE_PENALTY = 0.04
# Viewings after which the bonus for a new story has halved.
FRESHNESS_HALF_LIFE_VIEWINGS = 10
# How many viewers' gains weigh as much as the expectation that a story does what the others do.
PRIOR_VIEWERS = 10
# Points of confidence beyond what the others do at which evidence counts in full.
GAIN_FOR_FULL_ADJUSTMENT = 10.0
# Down to this likeness a story is as good as unlike one that somebody wants fewer of.
LESS_LIKE_THRESHOLD = 0.5


@dataclass(frozen=True)
class StoryEffectEvidence:
    """How far confidence moved with viewers who stood about where this one stands.

    Attributes
    ----------
    gain
        Mean change in points of 100 right after this story, less the same mean over all stories of the challenge.
    viewers
        How many people's readings that rests on.
    """

    gain: float = 0.0
    viewer_count: int = 0

    @property
    def shrunken_gain(self) -> float:
        """The gain drawn towards none, the more so the fewer viewers it rests on."""
        return self.gain * self.viewer_count / (self.viewer_count + PRIOR_VIEWERS)


NO_EVIDENCE = StoryEffectEvidence()


@dataclass(frozen=True)
class Candidate:
    """A story that might be shown, how alike the viewer is to its then-self, and that then-self's answers."""

    story: StoryFacts
    similarity: float
    answers: Answers = field(default_factory=dict)
    evidence: StoryEffectEvidence = NO_EVIDENCE


@dataclass(frozen=True)
class ScoreAdjustment:
    """A small, named amount added to a similarity."""

    name: str
    amount: float


@dataclass(frozen=True)
class Worth:
    """What stories are worth to one viewer: their similarity, and a few bounded adjustments by name.

    Attributes
    ----------
    likeness
        Says from 0 to 1 how alike two stories are, as `Diversity.likeness` does.
    less_like
        Stories of which the viewer wants fewer.
    """

    viewer: ViewerFacts
    likeness: Callable[[Candidate, Candidate], float]
    less_like: Sequence[Candidate] = ()

    def of(self, candidate: Candidate) -> float:
        return candidate.similarity + sum(moved.amount for moved in self.adjustments(candidate))

    def adjustments(self, candidate: Candidate) -> tuple[ScoreAdjustment, ...]:
        """Say what moves a story up or down beside its similarity.

        Starting where the viewer stands now counts most: from +0.04 at the same rung evenly down to -0.04 a whole
        ladder away. A coping story gains 0.02; a story that few have watched gains up to 0.02. What it did for others
        who stood about there moves it by up to 0.02 either way. Likeness to a story of which the viewer wants fewer
        costs up to 0.04.
        """
        story = candidate.story
        gap = min(abs(story.start_rung - self.viewer.present_rung) / self.viewer.ladder_length, 1)
        moved = [ScoreAdjustment("start", MAX_START_RUNG_ADJUSTMENT * (1 - 2 * gap))]
        if story.model_kind == RoleModelKind.COPING:
            moved.append(ScoreAdjustment("coping", COPING_BONUS))
        moved.append(
            ScoreAdjustment(
                "fresh",
                MAX_FRESHNESS_BONUS
                * FRESHNESS_HALF_LIFE_VIEWINGS
                / (FRESHNESS_HALF_LIFE_VIEWINGS + story.viewing_count),
            )
        )
        if candidate.evidence.viewer_count:
            share = max(-1.0, min(1.0, candidate.evidence.shrunken_gain / GAIN_FOR_FULL_ADJUSTMENT))
            moved.append(ScoreAdjustment("benefit", MAX_EFFECT_ADJUSTMENT * share))
        if self.less_like:
            nearest = max(self.likeness(candidate, unwanted) for unwanted in self.less_like)
            moved.append(
                ScoreAdjustment(
                    "less_like",
                    -MAX_LESS_LIKE_PENALTY
                    * max(0.0, nearest - LESS_LIKE_THRESHOLD)
                    / (1 - LESS_LIKE_THRESHOLD),
                )
            )
        return tuple(moved)


def lot(*keys: Key) -> int:
    """Give 63 bits that look random, yet are the same for the same keys in every process."""
    named = "".join(f"{len(str(key))}:{key}" for key in keys)
    return int.from_bytes(blake2b(named.encode(), digest_size=8).digest(), "big") >> 1


def lots(person: Key, words: Words) -> Words:
    """Give each word 64 bits that look random, other ones for each person (the finalizer of SplitMix64)."""
    mixed = words ^ np.uint64(lot(person))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def shortlist(crowd: StoryTable, similarity: Floats, among: Mask, *, viewer: ViewerFacts) -> list[int]:
    """Give the most similar story of each of the most similar tellers, by their places in the crowd.

    They are enough that 60 tellers are left when those of a whole slate are taken away. Ties are decided by a lot that
    differs from viewer to viewer: someone who shared nothing about themselves ties with every teller, and always
    breaking ties by key would show all such viewers the same few.
    """
    places = np.flatnonzero(among)
    order = places[np.lexsort((lots(viewer.person, crowd.key_hashes[places]), -similarity[places]))]
    _, firsts = np.unique(crowd.teller_index[order], return_index=True)
    nearest: list[int] = order[np.sort(firsts)][: SHORTLIST_SIZE + MAX_SLATE_SIZE].tolist()
    return nearest


class _Gain(NamedTuple):
    """What picking a candidate would bring, negative so that the smallest is the best; then its place."""

    lost: float
    place: int
    nearest: float = 0.0
    compared: int = 0


class MaximalMarginalRelevance:
    """Picks by maximal marginal relevance: worth to the viewer against likeness to what is picked already.

    Parameters
    ----------
    share
        From 0 (only worth counts) to 1 (only being unlike counts).
    """

    def __init__(self, catalogue: TraitCatalogue, *, diversity_weight: float) -> None:
        self._catalogue = catalogue
        self._diversity_weight = diversity_weight
        # The same pairs of answers meet again and again, and comparing two sets is slow.
        self._alike = lru_cache(maxsize=100_000)(self._compare)

    def pick(
        self,
        candidates: Sequence[Candidate],
        *,
        count: int,
        beside: Sequence[Candidate],
        worths: Mapping[Key, float],
    ) -> list[Candidate]:
        """Pick up to `count` to go with those in `beside`; the earlier candidate wins a tie.

        What a candidate gains can only fall as more is picked. So a gain is worked out again only when it would come
        first, and most candidates are never compared with anyone.
        """
        against, picked = list(beside), list[Candidate]()
        gains = [
            _Gain(-(1 - self._diversity_weight) * worths[one.story.key], place)
            for place, one in enumerate(candidates)
        ]
        heapify(gains)
        while gains and len(picked) < count:
            first = gains[0]
            if first.compared == len(against):
                heappop(gains)
                picked.append(candidates[first.place])
                against.append(candidates[first.place])
            else:
                heapreplace(gains, self._compared(first, candidates[first.place], against))
        return picked

    def _compared(self, gain: _Gain, candidate: Candidate, against: Sequence[Candidate]) -> _Gain:
        likenesses = [self.story_similarity(candidate, other) for other in against[gain.compared :]]
        nearest = max(gain.nearest, *likenesses)
        lost = gain.lost + self._diversity_weight * (nearest - gain.nearest)
        return _Gain(lost, gain.place, nearest, len(against))

    def story_similarity(self, one: Candidate, other: Candidate) -> float:
        """Half who they were, half what they did; an open question is taken as half alike."""
        known = one.answers.keys() & other.answers.keys()
        people = sum(self._alike(key, one.answers[key], other.answers[key]) for key in known)
        people += (len(self._catalogue) - len(known)) / 2
        either = len(one.story.strategies | other.story.strategies)
        strategy = len(one.story.strategies & other.story.strategies) / either if either else 0.0
        return (people / len(self._catalogue) + strategy) / 2

    def _compare(self, key: str, one: Answer, other: Answer) -> float:
        return self._catalogue[key].similarity(one, other)
