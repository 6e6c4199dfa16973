"""The gates: which stories may be shown to one viewer, and if not, the reason by name.

Gates are hard. They are asked before anything is ranked or composed, and no score outweighs them. They are asked of all
stories of a challenge at once, because a slate needs to know of each whether chance could have shown it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Mask
from matching.records import StoryFacts, StoryOutcome, ViewerFacts
from matching.story_table import OUTCOMES, StoryTable

# A match above this score is close: the viewer is likely to take the story's ending as their own.
CLOSE_MATCH_THRESHOLD = 0.7
# Confidence (0 to 100) needed on the story's start rung, by how it ended: far match, close match.
MIN_CONFIDENCE_FOR_UNRESOLVED = (50, 70)
MIN_CONFIDENCE_FOR_PARTIAL = (0, 30)
# How many rungs above the viewer's present one a story may end.
MAX_RUNGS_AHEAD = 2
MAX_RUNGS_AHEAD_PAST_MIDDLE = 3
# The same for somebody whose confidence has just fallen twice in a row: people a step ahead, no further.
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
# Stands for no reason.
ELIGIBLE = -1

ExclusionCodes = NDArray[np.int8]


def exclusion_codes(viewer: ViewerFacts, story_table: StoryTable, *, similarity: Floats) -> ExclusionCodes:
    """Give the first reason why each story may not be shown to this viewer.

    Parameters
    ----------
    similarity
        Shape (n,): the match scores, from 0 to 1.

    Returns
    -------
    reasons
        Shape (n,): places in `REASONS`, or `WITHIN`.
    """
    first = np.full(len(story_table), ELIGIBLE, dtype=np.int8)
    for reason, refused in reversed([*_exclusion_masks(viewer, story_table, similarity)]):
        first[refused] = EXCLUSION_REASONS.index(reason)
    return first


def exclusion_reason(
    viewer: ViewerFacts, story: StoryFacts, *, similarity: float = 1.0
) -> ExclusionReason | None:
    """Give the first reason why this story may not be shown to this viewer, or None.

    `similarity` is the match score; not knowing it is treated as the closest match, which is the strictest.
    """
    (reason,) = exclusion_codes(
        viewer, StoryTable.from_stories([story]), similarity=np.array([similarity])
    ).tolist()
    return None if reason == ELIGIBLE else EXCLUSION_REASONS[reason]


def _exclusion_masks(
    viewer: ViewerFacts, story_table: StoryTable, similarity: Floats
) -> Iterator[tuple[ExclusionReason, Mask]]:
    """Give each gate's name and whom it keeps out, the first reason first: choice, then access, then safety."""
    yield (
        ExclusionReason.OTHER_CHALLENGE,
        np.full(len(story_table), story_table.challenge != viewer.challenge),
    )
    yield ExclusionReason.OWN_STORY, story_table.mask_of_tellers([viewer.person])
    yield ExclusionReason.HIDDEN_TELLER, story_table.mask_of_tellers(viewer.hidden_tellers)
    yield ExclusionReason.LESS_LIKE_THIS, story_table.mask_of_keys(viewer.less_like)
    yield ExclusionReason.MUTED_CONTENT, story_table.mask_of_content_notes(viewer.muted_notes)
    yield ExclusionReason.SEEN_RECENTLY, story_table.mask_of_keys(viewer.seen_recently - viewer.saved)
    if viewer.languages:
        yield ExclusionReason.OTHER_LANGUAGE, ~story_table.mask_of_languages(viewer.languages)
    if viewer.needs_captions:
        yield ExclusionReason.NO_CAPTIONS, ~story_table.has_captions
    if viewer.is_discouraged:
        yield ExclusionReason.MASTERY_WHEN_DISCOURAGED, ~story_table.is_coping
    yield ExclusionReason.TOO_FAR_AHEAD, story_table.end_rung > highest_allowed_end_rung(viewer)
    yield (
        ExclusionReason.ENDING_TOO_HARD,
        _confidence_on_start_rungs(viewer, story_table)
        < _required_confidence_by_story(story_table, similarity),
    )


def _confidence_on_start_rungs(viewer: ViewerFacts, story_table: StoryTable) -> NDArray[np.int64]:
    """Give the viewer's confidence on each story's start rung, shape (n,).

    A teller not yet on the ladder is compared on its first rung, the easiest that anyone rates.
    """
    rungs = np.maximum(story_table.start_rung, 1)
    highest = int(rungs.max(initial=1))
    return np.array([viewer.ratings.get(rung, 0) for rung in range(highest + 1)])[rungs]


def _required_confidence_by_story(story_table: StoryTable, similarity: Floats) -> NDArray[np.int64]:
    needed = [
        [required_confidence(outcome, similarity=likeness) for likeness in (0, 1)] for outcome in OUTCOMES
    ]
    return np.array(needed)[story_table.outcome_index, (similarity >= CLOSE_MATCH_THRESHOLD).astype(np.intp)]


def required_confidence(outcome: StoryOutcome, *, similarity: float) -> int:
    """Give the confidence on a story's start rung without which its ending is not shown."""
    close = similarity >= CLOSE_MATCH_THRESHOLD
    match outcome:
        case StoryOutcome.UNRESOLVED:
            return MIN_CONFIDENCE_FOR_UNRESOLVED[close]
        case StoryOutcome.PARTIAL:
            return MIN_CONFIDENCE_FOR_PARTIAL[close]
        case StoryOutcome.REACHED:
            return 0
        case _:
            assert_never(outcome)


def highest_allowed_end_rung(viewer: ViewerFacts) -> int:
    """Give the highest rung at which a story for this viewer may end."""
    if viewer.is_discouraged:
        return viewer.present_rung + MAX_RUNGS_AHEAD_WHEN_DISCOURAGED
    past_middle = 2 * viewer.present_rung > viewer.ladder_length
    return viewer.present_rung + (MAX_RUNGS_AHEAD_PAST_MIDDLE if past_middle else MAX_RUNGS_AHEAD)
