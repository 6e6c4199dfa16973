"""What the gates and the slate need to know: of a viewer, and of a published story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matching.engine_contract import Key


class RoleModelKind(StrEnum):
    COPING = "coping"
    MASTERY = "mastery"


class StoryOutcome(StrEnum):
    UNRESOLVED = "unresolved"
    PARTIAL = "partial"
    REACHED = "reached"


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
    muted_notes: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    needs_captions: bool = False
    hidden_tellers: frozenset[Key] = frozenset()
    seen_recently: frozenset[Key] = frozenset()
    saved: frozenset[Key] = frozenset()
    less_like: frozenset[Key] = frozenset()
    is_discouraged: bool = False


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
    model_kind: RoleModelKind
    outcome: StoryOutcome
    language: str
    has_captions: bool = True
    content_notes: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()
    viewing_count: int = 0
