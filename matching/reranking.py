"""Re-ranking: bounded score adjustments, a short list per teller, and maximal marginal relevance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

import numpy as np

from matching.engine_contract import Floats, Key, Mask
from matching.keys import Words
from matching.records import RoleModelKind, StoryFacts, ViewerFacts
from matching.story_table import StoryTable
from matching.traits.catalogue import Answer, Answers, TraitCatalogue

SHORTLIST_SIZE = 60
# The most stories in a slate.
MAX_SLATE_SIZE = 6
# The largest change by each adjustment; together they stay within 0.1 either way.
MAX_START_RUNG_ADJUSTMENT = 0.04
COPING_BONUS = 0.02
MAX_FRESHNESS_BONUS = 0.02
MAX_EFFECT_ADJUSTMENT = 0.02
MAX_LESS_LIKE_PENALTY = 0.04
# Viewings after which the bonus for a new story has halved.
FRESHNESS_HALF_LIFE_VIEWINGS = 10
# Shrinkage: the weight of the prior (no gain beyond the average), in viewers.
PRIOR_VIEWERS = 10
# The gain beyond the average, in points of confidence, at which evidence counts in full.
GAIN_FOR_FULL_ADJUSTMENT = 10.0
# At or below this likeness to an unwanted story there is no penalty.
LESS_LIKE_THRESHOLD = 0.5


@dataclass(frozen=True)
class StoryEffectEvidence:
    """How far the confidence of viewers on about the same rung changed after a story.

    Attributes
    ----------
    gain
        Mean change in points of 100 right after this story, less the same mean over all stories of the challenge.
    viewers
        The number of viewers in that mean.
    """

    gain: float = 0.0
    viewer_count: int = 0

    @property
    def shrunken_gain(self) -> float:
        """The gain, shrunk towards 0; the fewer viewers, the more."""
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
class ScoreAdjuster:
    """Adds a few bounded, named adjustments to the similarity of a story, for one viewer.

    Attributes
    ----------
    likeness
        How alike two stories are, from 0 to 1, as `Diversity.likeness` measures it.
    less_like
        Stories of which the viewer wants fewer.
    """

    viewer: ViewerFacts
    story_similarity: Callable[[Candidate, Candidate], float]
    less_like: Sequence[Candidate] = ()

    def adjusted_score(self, candidate: Candidate) -> float:
        return candidate.similarity + sum(adjustment.amount for adjustment in self.adjustments(candidate))

    def adjustments(self, candidate: Candidate) -> tuple[ScoreAdjustment, ...]:
        """Return what moves a story up or down beside its similarity.

        The start rung counts most: from +0.04 at the viewer's own rung, linearly down to -0.04 a whole ladder away. A
        coping story gains 0.02; a story that few people have watched gains up to 0.02. Its effect on viewers who stood
        on about the same rung moves it by up to 0.02 either way. Likeness to an unwanted story costs up to 0.04.
        """
        story = candidate.story
        gap = min(abs(story.start_rung - self.viewer.present_rung) / self.viewer.ladder_length, 1)
        adjustments = [ScoreAdjustment("start", MAX_START_RUNG_ADJUSTMENT * (1 - 2 * gap))]
        if story.model_kind == RoleModelKind.COPING:
            adjustments.append(ScoreAdjustment("coping", COPING_BONUS))
        adjustments.append(
            ScoreAdjustment(
                "fresh",
                MAX_FRESHNESS_BONUS
                * FRESHNESS_HALF_LIFE_VIEWINGS
                / (FRESHNESS_HALF_LIFE_VIEWINGS + story.viewing_count),
            )
        )
        if candidate.evidence.viewer_count:
            share = max(-1.0, min(1.0, candidate.evidence.shrunken_gain / GAIN_FOR_FULL_ADJUSTMENT))
            adjustments.append(ScoreAdjustment("benefit", MAX_EFFECT_ADJUSTMENT * share))
        if self.less_like:
            nearest = max(self.story_similarity(candidate, unwanted) for unwanted in self.less_like)
            penalty = (
                MAX_LESS_LIKE_PENALTY * max(0.0, nearest - LESS_LIKE_THRESHOLD) / (1 - LESS_LIKE_THRESHOLD)
            )
            adjustments.append(ScoreAdjustment("less_like", -penalty))
        return tuple(adjustments)


def stable_hash(*keys: Key) -> int:
    """Hash keys to 63 bits, the same in every process; the length prefix keeps neighbouring keys apart."""
    text = "".join(f"{len(str(key))}:{key}" for key in keys)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def tie_break_hashes(person: Key, key_hashes: Words) -> Words:
    """Mix each story's hash with the person's (the finalizer of SplitMix64), so that ties fall differently for each."""
    mixed = key_hashes ^ np.uint64(stable_hash(person))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def best_story_per_teller(
    story_table: StoryTable, similarity: Floats, eligible: Mask, *, viewer: ViewerFacts
) -> list[int]:
    """Return the row of the most similar story of each of the most similar tellers, best first.

    It lists enough tellers that 60 remain after those of a whole slate are removed. Ties are broken differently for
    each viewer: a viewer who shared nothing ties with every teller, and breaking ties by key would show all such
    viewers the same few stories.
    """
    rows = np.flatnonzero(eligible)
    ranked = rows[
        np.lexsort((tie_break_hashes(viewer.person, story_table.key_hashes[rows]), -similarity[rows]))
    ]
    _, first_of_teller = np.unique(story_table.teller_index[ranked], return_index=True)
    nearest: list[int] = ranked[np.sort(first_of_teller)][: SHORTLIST_SIZE + MAX_SLATE_SIZE].tolist()
    return nearest


class _Loss(NamedTuple):
    """The negative marginal relevance of a candidate, so that a heap yields the best; ties go to the smaller row.

    `nearest` is the likeness to the most similar of the first `compared` stories already selected.
    """

    loss: float
    row: int
    max_similarity: float = 0.0
    compared_count: int = 0


class MaximalMarginalRelevance:
    """Selects by maximal marginal relevance: score against likeness to the stories already selected.

    Parameters
    ----------
    share
        From 0 (only the score counts) to 1 (only being unlike counts).
    """

    def __init__(self, catalogue: TraitCatalogue, *, diversity_weight: float) -> None:
        self._catalogue = catalogue
        self._diversity_weight = diversity_weight
        # The same pairs of answers recur, and comparing two sets is slow.
        self._answer_similarity = lru_cache(maxsize=100_000)(self._compare_answers)

    def select_diverse(
        self,
        candidates: Sequence[Candidate],
        *,
        count: int,
        already_selected: Sequence[Candidate],
        scores: Mapping[Key, float],
    ) -> list[Candidate]:
        """Select up to `count` to go with those in `beside`; the earlier candidate wins a tie.

        Marginal relevance can only fall as more is selected. So it is recomputed only for the candidate that would come
        first, and most candidates are never compared with anyone (lazy greedy).
        """
        against, selected = list(already_selected), list[Candidate]()
        losses = [
            _Loss(-(1 - self._diversity_weight) * scores[candidate.story.key], row)
            for row, candidate in enumerate(candidates)
        ]
        heapify(losses)
        while losses and len(selected) < count:
            best = losses[0]
            if best.compared_count == len(against):
                heappop(losses)
                selected.append(candidates[best.row])
                against.append(candidates[best.row])
            else:
                heapreplace(losses, self._updated(best, candidates[best.row], against))
        return selected

    def _updated(self, outdated: _Loss, candidate: Candidate, against: Sequence[Candidate]) -> _Loss:
        likenesses = [self.story_similarity(candidate, other) for other in against[outdated.compared_count :]]
        nearest = max(outdated.max_similarity, *likenesses)
        loss = outdated.loss + self._diversity_weight * (nearest - outdated.max_similarity)
        return _Loss(loss, outdated.row, nearest, len(against))

    def story_similarity(self, one: Candidate, other: Candidate) -> float:
        """Average the likeness of the tellers and of their strategies; an unanswered question counts as half alike."""
        answered_by_both = one.answers.keys() & other.answers.keys()
        alike = sum(
            self._answer_similarity(key, one.answers[key], other.answers[key]) for key in answered_by_both
        )
        alike += (len(self._catalogue) - len(answered_by_both)) / 2
        union = len(one.story.strategies | other.story.strategies)
        jaccard = len(one.story.strategies & other.story.strategies) / union if union else 0.0
        return (alike / len(self._catalogue) + jaccard) / 2

    def _compare_answers(self, key: str, one: Answer, other: Answer) -> float:
        return self._catalogue[key].similarity(one, other)
