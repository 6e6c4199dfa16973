"""Re-ranking: a short list of one story per teller, and bounded adjustments of its scores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine_contract import Floats, Key, Mask
from matching.keys import KeyHashes, stable_hash
from matching.records import Candidate, ViewerFacts
from matching.story_table import StoryTable

SHORTLIST_SIZE = 60
MAX_SLATE_SIZE = 6
# The largest change by each adjustment; together they stay within 0.1 in either direction.
MAX_START_RUNG_ADJUSTMENT = 0.04
COPING_BONUS = 0.02
MAX_FRESHNESS_BONUS = 0.02
MAX_EFFECT_ADJUSTMENT = 0.02
MAX_LESS_LIKE_PENALTY = 0.04
# Viewings after which the bonus for a new story has halved.
FRESHNESS_HALF_LIFE_VIEWINGS = 10
# The shrunken gain, in points of confidence, at which the effect adjustment reaches its maximum.
GAIN_FOR_FULL_ADJUSTMENT = 10.0
# At or below this similarity to a "less like this" story there is no penalty.
LESS_LIKE_THRESHOLD = 0.5


@dataclass(frozen=True)
class ScoreAdjustment:
    name: str
    amount: float


@dataclass(frozen=True)
class ScoreAdjuster:
    """Adds bounded, named adjustments to the similarity of a story, for one viewer.

    Attributes
    ----------
    story_similarity
        Similarity of two stories, from 0 to 1 (`MaximalMarginalRelevance.story_similarity`).
    less_like
        Stories that the viewer marked "less like this".
    """

    viewer: ViewerFacts
    story_similarity: Callable[[Candidate, Candidate], float]
    less_like: Sequence[Candidate] = ()

    def adjusted_score(self, candidate: Candidate) -> float:
        return candidate.similarity + sum(adjustment.amount for adjustment in self.adjustments(candidate))

    def adjustments(self, candidate: Candidate) -> tuple[ScoreAdjustment, ...]:
        """Return the adjustments that apply to a story.

        The start rung counts most: from +0.04 at the viewer's own rung, linearly down to -0.04 a whole ladder away. A
        coping story gains 0.02; a story that few people have watched gains up to 0.02. Its effect on viewers who were
        on about the same rung moves it by up to 0.02 either way. Similarity to a "less like this" story costs up to 0.04.
        """
        story = candidate.story
        gap = min(abs(story.start_rung - self.viewer.present_rung) / self.viewer.ladder_length, 1)
        adjustments = [ScoreAdjustment("start", MAX_START_RUNG_ADJUSTMENT * (1 - 2 * gap))]
        if candidate.is_coping:
            adjustments.append(ScoreAdjustment("coping", COPING_BONUS))
        freshness = FRESHNESS_HALF_LIFE_VIEWINGS / (FRESHNESS_HALF_LIFE_VIEWINGS + story.viewing_count)
        adjustments.append(ScoreAdjustment("fresh", MAX_FRESHNESS_BONUS * freshness))
        if candidate.evidence.viewer_count:
            effect = candidate.evidence.shrunken_gain / GAIN_FOR_FULL_ADJUSTMENT
            clipped = max(-1.0, min(1.0, effect))
            adjustments.append(ScoreAdjustment("benefit", MAX_EFFECT_ADJUSTMENT * clipped))
        if self.less_like:
            similarity = max(self.story_similarity(candidate, disliked) for disliked in self.less_like)
            excess = max(0.0, similarity - LESS_LIKE_THRESHOLD) / (1 - LESS_LIKE_THRESHOLD)
            adjustments.append(ScoreAdjustment("less_like", -MAX_LESS_LIKE_PENALTY * excess))
        return tuple(adjustments)


def tie_break_hashes(person: Key, key_hashes: KeyHashes) -> KeyHashes:
    """Mix each story's hash with the person's (the finalizer of SplitMix64), so that ties differ between people."""
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
    tie_breaks = tie_break_hashes(viewer.person, story_table.key_hashes[rows])
    ranked = rows[np.lexsort((tie_breaks, -similarity[rows]))]
    _, first_of_teller = np.unique(story_table.teller_index[ranked], return_index=True)
    best_rows: list[int] = ranked[np.sort(first_of_teller)][: SHORTLIST_SIZE + MAX_SLATE_SIZE].tolist()
    return best_rows
