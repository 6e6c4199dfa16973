"""The gates: whether one story may be shown to one viewer, and if not, the reason by name.

Gates are hard. They are asked before anything is ranked or composed, and no score outweighs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from matching.engines.contract import Key

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


class ModelKind(StrEnum):
    COPING = "coping"
    MASTERY = "mastery"


class Outcome(StrEnum):
    UNRESOLVED = "unresolved"
    PARTIAL = "partial"
    REACHED = "reached"


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


@dataclass(frozen=True, kw_only=True)
class ViewerFacts:
    """What the gates need to know about a viewer, on one challenge, at one moment.

    Attributes
    ----------
    person, challenge
        Keys; a teller's key is of the same kind as `person`.
    present_rung
        The highest rung rated 70 or more, 0 if none.
    ratings
        Rung position to confidence from 0 to 100. An unrated rung counts as 0: what is not known is not assumed.
    languages
        Languages the viewer follows; empty means that they did not say.
    needs_captions
        Show nothing without captions.
    seen_recently
        Stories watched within the last 90 days.
    unwanted
        Stories of which the viewer said that they want fewer like them.
    shaken
        Confidence fell after each of the last two viewings: others' success has begun to discourage.
    """

    person: Key
    challenge: Key
    present_rung: int
    ladder_length: int
    ratings: Mapping[int, int] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    needs_captions: bool = False
    hidden_tellers: frozenset[Key] = frozenset()
    seen_recently: frozenset[Key] = frozenset()
    saved: frozenset[Key] = frozenset()
    unwanted: frozenset[Key] = frozenset()
    shaken: bool = False


@dataclass(frozen=True, kw_only=True)
class StoryFacts:
    """What the gates and the slate need to know about a published story.

    Attributes
    ----------
    start_rung, end_rung
        Where the teller stood at the start (0: not yet on the ladder) and at the end of the story.
    strategy
        What the teller did, as keys.
    viewings
        How often it was watched so far.
    """

    key: Key
    teller: Key
    challenge: Key
    start_rung: int
    end_rung: int
    model_kind: ModelKind
    outcome: Outcome
    language: str
    captions: bool = True
    content_notes: frozenset[str] = frozenset()
    strategy: frozenset[str] = frozenset()
    viewings: int = 0


def refusal(viewer: ViewerFacts, story: StoryFacts, *, similarity: float = 1.0) -> Refusal | None:
    """Give the first reason why this story may not be shown to this viewer, or None.

    `similarity` is the match score; not knowing it is treated as the closest match, which is the strictest.
    """
    if story.challenge != viewer.challenge:
        return Refusal.OTHER_CHALLENGE
    return (
        _refused_by_choice(viewer, story)
        or _refused_by_access(viewer, story)
        or _refused_for_safety(viewer, story, similarity=similarity)
    )


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


def _refused_by_choice(viewer: ViewerFacts, story: StoryFacts) -> Refusal | None:
    if story.teller == viewer.person:
        return Refusal.OWN_STORY
    if story.teller in viewer.hidden_tellers:
        return Refusal.HIDDEN_TELLER
    if story.key in viewer.unwanted:
        return Refusal.NOT_WANTED
    if story.content_notes & viewer.muted:
        return Refusal.MUTED_CONTENT
    if story.key in viewer.seen_recently and story.key not in viewer.saved:
        return Refusal.SEEN_RECENTLY
    return None


def _refused_by_access(viewer: ViewerFacts, story: StoryFacts) -> Refusal | None:
    if viewer.languages and story.language not in viewer.languages:
        return Refusal.OTHER_LANGUAGE
    if viewer.needs_captions and not story.captions:
        return Refusal.NO_CAPTIONS
    return None


def _refused_for_safety(viewer: ViewerFacts, story: StoryFacts, *, similarity: float) -> Refusal | None:
    if viewer.shaken and story.model_kind == ModelKind.MASTERY:
        return Refusal.MASTERY_WHEN_SHAKEN
    if story.end_rung > highest_end(viewer):
        return Refusal.TOO_FAR_AHEAD
    # A teller not yet on the ladder is compared on its first rung, the easiest that anyone rates.
    rated = viewer.ratings.get(max(story.start_rung, 1), 0)
    if rated < confidence_needed(story.outcome, similarity=similarity):
        return Refusal.ENDING_TOO_HARD
    return None
