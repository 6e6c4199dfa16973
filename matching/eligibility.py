"""The gates: which stories may be shown to one viewer, and if not, the reason by name.

Gates are hard. They are asked before anything is ranked or composed, and no score outweighs them. They are asked of all
stories of a challenge at once, because a slate needs to know of each whether chance could have shown it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from matching.crowd import OUTCOMES, Crowd
from matching.engines.contract import Floats, Mask
from matching.facts import Outcome, StoryFacts, ViewerFacts

# A match above this score is close: the viewer is likely to take the story's ending as their own.
CLOSE = 0.7
# Confidence (0 to 100) needed on the story's start rung, by how it ended: far match, close match.
UNRESOLVED_NEEDS = (50, 70)
PARTIAL_NEEDS = (0, 30)
# How many rungs above the viewer's present one a story may end.
REACH = 2
REACH_PAST_MIDDLE = 3
# The same for somebody whose confidence has just fallen twice in a row: people a step ahead, no further.
REACH_WHEN_SHAKEN = 1


class Refusal(StrEnum):
    OTHER_CHALLENGE = "other_challenge"
    OWN_STORY = "own_story"
    HIDDEN_TELLER = "hidden_teller"
    NOT_WANTED = "not_wanted"
    MUTED_CONTENT = "muted_content"
    OTHER_LANGUAGE = "other_language"
    NO_CAPTIONS = "no_captions"
    SEEN_RECENTLY = "seen_recently"
    TOO_FAR_AHEAD = "too_far_ahead"
    ENDING_TOO_HARD = "ending_too_hard"
    MASTERY_WHEN_SHAKEN = "mastery_when_shaken"


REASONS = tuple(Refusal)
# Stands for no reason.
WITHIN = -1

Reasons = NDArray[np.int8]


def refusals(viewer: ViewerFacts, crowd: Crowd, *, similarity: Floats) -> Reasons:
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
    first = np.full(len(crowd), WITHIN, dtype=np.int8)
    for reason, refused in reversed([*_gates(viewer, crowd, similarity)]):
        first[refused] = REASONS.index(reason)
    return first


def refusal(viewer: ViewerFacts, story: StoryFacts, *, similarity: float = 1.0) -> Refusal | None:
    """Give the first reason why this story may not be shown to this viewer, or None.

    `similarity` is the match score; not knowing it is treated as the closest match, which is the strictest.
    """
    (reason,) = refusals(viewer, Crowd.of([story]), similarity=np.array([similarity])).tolist()
    return None if reason == WITHIN else REASONS[reason]


def _gates(viewer: ViewerFacts, crowd: Crowd, similarity: Floats) -> Iterator[tuple[Refusal, Mask]]:
    """Give each gate's name and whom it keeps out, the first reason first: choice, then access, then safety."""
    yield Refusal.OTHER_CHALLENGE, np.full(len(crowd), crowd.challenge != viewer.challenge)
    yield Refusal.OWN_STORY, crowd.told_by([viewer.person])
    yield Refusal.HIDDEN_TELLER, crowd.told_by(viewer.hidden_tellers)
    yield Refusal.NOT_WANTED, crowd.named(viewer.unwanted)
    yield Refusal.MUTED_CONTENT, crowd.touching(viewer.muted)
    yield Refusal.SEEN_RECENTLY, crowd.named(viewer.seen_recently - viewer.saved)
    if viewer.languages:
        yield Refusal.OTHER_LANGUAGE, ~crowd.spoken_in(viewer.languages)
    if viewer.needs_captions:
        yield Refusal.NO_CAPTIONS, ~crowd.captions
    if viewer.shaken:
        yield Refusal.MASTERY_WHEN_SHAKEN, ~crowd.coping
    yield Refusal.TOO_FAR_AHEAD, crowd.end_rung > highest_end(viewer)
    yield Refusal.ENDING_TOO_HARD, _sure_at_start(viewer, crowd) < _sure_enough(crowd, similarity)


def _sure_at_start(viewer: ViewerFacts, crowd: Crowd) -> NDArray[np.int64]:
    """Give the viewer's confidence on each story's start rung, shape (n,).

    A teller not yet on the ladder is compared on its first rung, the easiest that anyone rates.
    """
    rungs = np.maximum(crowd.start_rung, 1)
    highest = int(rungs.max(initial=1))
    return np.array([viewer.ratings.get(rung, 0) for rung in range(highest + 1)])[rungs]


def _sure_enough(crowd: Crowd, similarity: Floats) -> NDArray[np.int64]:
    needed = [
        [confidence_needed(outcome, similarity=likeness) for likeness in (0, 1)] for outcome in OUTCOMES
    ]
    return np.array(needed)[crowd.outcome, (similarity >= CLOSE).astype(np.intp)]


def confidence_needed(outcome: Outcome, *, similarity: float) -> int:
    """Give the confidence on a story's start rung without which its ending is not shown."""
    close = similarity >= CLOSE
    match outcome:
        case Outcome.UNRESOLVED:
            return UNRESOLVED_NEEDS[close]
        case Outcome.PARTIAL:
            return PARTIAL_NEEDS[close]
        case Outcome.REACHED:
            return 0
        case _:
            assert_never(outcome)


def highest_end(viewer: ViewerFacts) -> int:
    """Give the highest rung at which a story for this viewer may end."""
    if viewer.shaken:
        return viewer.present_rung + REACH_WHEN_SHAKEN
    past_middle = 2 * viewer.present_rung > viewer.ladder_length
    return viewer.present_rung + (REACH_PAST_MIDDLE if past_middle else REACH)
