"""The gates: which stories may be shown to a viewer, and the named reason for each exclusion.

Gates are hard: they apply before ranking, and no score outweighs them. They run on all stories of a challenge at once,
because the probabilities of random slates depend on how many pass.
"""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Mask
from matching.records import StoryFacts, StoryOutcome, ViewerFacts
from matching.story_table import OUTCOMES, ScoredStoryTable, StoryTable

# At or above this score a match is close: the viewer is likely to expect the story's ending for themselves.
CLOSE_MATCH_THRESHOLD = 0.7
# Confidence (0 to 100) needed on the story's start rung, by outcome: for a distant match, for a close match.
MIN_CONFIDENCE = {
    StoryOutcome.UNRESOLVED: (50, 70),
    StoryOutcome.PARTIAL: (0, 30),
    StoryOutcome.REACHED: (0, 0),
}
# How many rungs above the viewer's present rung a story may end.
MAX_RUNGS_AHEAD = 2
MAX_RUNGS_AHEAD_PAST_MIDDLE = 3
MAX_RUNGS_AHEAD_WHEN_DISCOURAGED = 1


class ExclusionReason(StrEnum):
    OTHER_CHALLENGE = "other_challenge"
    OWN_STORY = "own_story"
    HIDDEN_TELLER = "hidden_teller"
    LESS_LIKE_THIS = "not_wanted"
    MUTED_CONTENT = "muted_content"
    OTHER_LANGUAGE = "other_language"
    NO_CAPTIONS = "no_captions"
    SEEN_RECENTLY = "seen_recently"
    TOO_FAR_AHEAD = "too_far_ahead"
    ENDING_TOO_HARD = "ending_too_hard"
    MASTERY_WHEN_DISCOURAGED = "mastery_when_shaken"


EXCLUSION_REASONS = tuple(ExclusionReason)
ELIGIBLE = -1

ExclusionCodes = NDArray[np.int8]  # positions in EXCLUSION_REASONS, or ELIGIBLE


def exclusion_codes(viewer: ViewerFacts, story_table: StoryTable, *, similarity: Floats) -> ExclusionCodes:
    """Return the first reason why each story may not be shown to this viewer, shape (n,)."""
    codes = np.full(len(story_table), ELIGIBLE, dtype=np.int8)
    for reason, mask in reversed([*_exclusion_masks(viewer, story_table, similarity)]):
        codes[mask] = EXCLUSION_REASONS.index(reason)
    return codes


def apply_gates(
    scored_stories: ScoredStoryTable, viewer: ViewerFacts
) -> tuple[Mask, dict[ExclusionReason, int]]:
    """Return which stories may be shown to this viewer, shape (n,), and how many may not, by reason."""
    codes = exclusion_codes(viewer, scored_stories.story_table, similarity=scored_stories.similarity)
    counts = Counter(codes[codes != ELIGIBLE].tolist())
    return codes == ELIGIBLE, {EXCLUSION_REASONS[code]: count for code, count in sorted(counts.items())}


def exclusion_reason(
    viewer: ViewerFacts, story: StoryFacts, *, similarity: float = 1.0
) -> ExclusionReason | None:
    """Return the first reason why this story may not be shown to this viewer, or None.

    An unknown score counts as the closest match, which is the strictest.
    """
    [code] = exclusion_codes(viewer, StoryTable.from_stories([story]), similarity=np.array([similarity]))
    return None if code == ELIGIBLE else EXCLUSION_REASONS[code]


def _exclusion_masks(
    viewer: ViewerFacts, stories: StoryTable, similarity: Floats
) -> Iterator[tuple[ExclusionReason, Mask]]:
    """Yield each gate's reason and mask of excluded stories: first choice, then access, then safety."""
    yield ExclusionReason.OTHER_CHALLENGE, np.full(len(stories), stories.challenge != viewer.challenge)
    yield ExclusionReason.OWN_STORY, stories.mask_of_tellers([viewer.person])
    yield ExclusionReason.HIDDEN_TELLER, stories.mask_of_tellers(viewer.hidden_tellers)
    yield ExclusionReason.LESS_LIKE_THIS, stories.mask_of_keys(viewer.less_like)
    yield ExclusionReason.MUTED_CONTENT, stories.mask_of_content_notes(viewer.muted_notes)
    yield ExclusionReason.SEEN_RECENTLY, stories.mask_of_keys(viewer.seen_recently - viewer.saved)
    if viewer.languages:
        yield ExclusionReason.OTHER_LANGUAGE, ~stories.mask_of_languages(viewer.languages)
    if viewer.needs_captions:
        yield ExclusionReason.NO_CAPTIONS, ~stories.has_captions
    if viewer.is_discouraged:
        yield ExclusionReason.MASTERY_WHEN_DISCOURAGED, ~stories.is_coping
    yield ExclusionReason.TOO_FAR_AHEAD, stories.end_rung > highest_allowed_end_rung(viewer)
    required = np.array([MIN_CONFIDENCE[outcome] for outcome in OUTCOMES])
    is_close = (similarity >= CLOSE_MATCH_THRESHOLD).astype(np.intp)
    too_hard = _confidence_on_start_rungs(viewer, stories) < required[stories.outcome_index, is_close]
    yield ExclusionReason.ENDING_TOO_HARD, too_hard


def _confidence_on_start_rungs(viewer: ViewerFacts, stories: StoryTable) -> NDArray[np.int64]:
    """Return the viewer's confidence on each story's start rung, shape (n,).

    A teller not yet on the ladder is compared on the first rung, the easiest.
    """
    rungs = np.maximum(stories.start_rung, 1)
    highest = int(rungs.max(initial=1))
    return np.array([viewer.ratings.get(rung, 0) for rung in range(highest + 1)])[rungs]


def highest_allowed_end_rung(viewer: ViewerFacts) -> int:
    if viewer.is_discouraged:
        return viewer.present_rung + MAX_RUNGS_AHEAD_WHEN_DISCOURAGED
    past_middle = 2 * viewer.present_rung > viewer.ladder_length
    return viewer.present_rung + (MAX_RUNGS_AHEAD_PAST_MIDDLE if past_middle else MAX_RUNGS_AHEAD)
