"""What a story is worth to a viewer, and how unlike the stories of a slate should be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

import numpy as np

from matching.crowd import Crowd
from matching.engines.contract import Floats, Key, Mask
from matching.engines.keys import Words
from matching.facts import ModelKind, StoryFacts, ViewerFacts
from matching.traits import Answer, Answers, TraitCatalogue

SHORTLIST = 60
# The most stories in a slate.
LARGEST = 6
# The most that each adjustment may move a score; together they stay within 0.1 either way.
SAME_START = 0.04
COPING = 0.02
FRESH = 0.02
BENEFIT = 0.02
LESS_LIKE = 0.04
# Viewings after which the bonus for a new story has halved.
HALF_FRESH = 10
# How many viewers' gains weigh as much as the expectation that a story does what the others do.
PRIOR_VIEWERS = 10
# Points of confidence beyond what the others do at which evidence counts in full.
FULL_GAIN = 10.0
# Down to this likeness a story is as good as unlike one that somebody wants fewer of.
UNLIKE = 0.5


@dataclass(frozen=True)
class Evidence:
    """How far confidence moved with viewers who stood about where this one stands.

    Attributes
    ----------
    gain
        Mean change in points of 100 right after this story, less the same mean over all stories of the challenge.
    viewers
        How many people's readings that rests on.
    """

    gain: float = 0.0
    viewers: int = 0

    @property
    def shrunken(self) -> float:
        """The gain drawn towards none, the more so the fewer viewers it rests on."""
        return self.gain * self.viewers / (self.viewers + PRIOR_VIEWERS)


NOTHING_KNOWN = Evidence()


@dataclass(frozen=True)
class Candidate:
    """A story that might be shown, how alike the viewer is to its then-self, and that then-self's answers."""

    story: StoryFacts
    similarity: float
    traits: Answers = field(default_factory=dict)
    evidence: Evidence = NOTHING_KNOWN


@dataclass(frozen=True)
class Adjustment:
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

    def adjustments(self, candidate: Candidate) -> tuple[Adjustment, ...]:
        """Say what moves a story up or down beside its similarity.

        Starting where the viewer stands now counts most: from +0.04 at the same rung evenly down to -0.04 a whole
        ladder away. A coping story gains 0.02; a story that few have watched gains up to 0.02. What it did for others
        who stood about there moves it by up to 0.02 either way. Likeness to a story of which the viewer wants fewer
        costs up to 0.04.
        """
        story = candidate.story
        gap = min(abs(story.start_rung - self.viewer.present_rung) / self.viewer.ladder_length, 1)
        moved = [Adjustment("start", SAME_START * (1 - 2 * gap))]
        if story.model_kind == ModelKind.COPING:
            moved.append(Adjustment("coping", COPING))
        moved.append(Adjustment("fresh", FRESH * HALF_FRESH / (HALF_FRESH + story.viewings)))
        if candidate.evidence.viewers:
            share = max(-1.0, min(1.0, candidate.evidence.shrunken / FULL_GAIN))
            moved.append(Adjustment("benefit", BENEFIT * share))
        if self.less_like:
            nearest = max(self.likeness(candidate, unwanted) for unwanted in self.less_like)
            moved.append(Adjustment("less_like", -LESS_LIKE * max(0.0, nearest - UNLIKE) / (1 - UNLIKE)))
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


def shortlist(crowd: Crowd, similarity: Floats, among: Mask, *, viewer: ViewerFacts) -> list[int]:
    """Give the most similar story of each of the most similar tellers, by their places in the crowd.

    They are enough that 60 tellers are left when those of a whole slate are taken away. Ties are decided by a lot that
    differs from viewer to viewer: someone who shared nothing about themselves ties with every teller, and always
    breaking ties by key would show all such viewers the same few.
    """
    places = np.flatnonzero(among)
    order = places[np.lexsort((lots(viewer.person, crowd.words[places]), -similarity[places]))]
    _, firsts = np.unique(crowd.teller[order], return_index=True)
    nearest: list[int] = order[np.sort(firsts)][: SHORTLIST + LARGEST].tolist()
    return nearest


class _Gain(NamedTuple):
    """What picking a candidate would bring, negative so that the smallest is the best; then its place."""

    lost: float
    place: int
    nearest: float = 0.0
    compared: int = 0


class Diversity:
    """Picks by maximal marginal relevance: worth to the viewer against likeness to what is picked already.

    Parameters
    ----------
    share
        From 0 (only worth counts) to 1 (only being unlike counts).
    """

    def __init__(self, catalogue: TraitCatalogue, *, share: float) -> None:
        self._catalogue = catalogue
        self._share = share
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
            _Gain(-(1 - self._share) * worths[one.story.key], place) for place, one in enumerate(candidates)
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
        likenesses = [self.likeness(candidate, other) for other in against[gain.compared :]]
        nearest = max(gain.nearest, *likenesses)
        lost = gain.lost + self._share * (nearest - gain.nearest)
        return _Gain(lost, gain.place, nearest, len(against))

    def likeness(self, one: Candidate, other: Candidate) -> float:
        """Half who they were, half what they did; an open question is taken as half alike."""
        known = one.traits.keys() & other.traits.keys()
        people = sum(self._alike(key, one.traits[key], other.traits[key]) for key in known)
        people += (len(self._catalogue) - len(known)) / 2
        either = len(one.story.strategy | other.story.strategy)
        strategy = len(one.story.strategy & other.story.strategy) / either if either else 0.0
        return (people / len(self._catalogue) + strategy) / 2

    def _compare(self, key: str, one: Answer, other: Answer) -> float:
        return self._catalogue[key].similarity(one, other)
