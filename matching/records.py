"""Plain records of a viewer and of a published story, as gates and slates need them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matching.engine_contract import Key
from matching.traits import Answers

# Shrinkage: the weight of the prior (no gain beyond the average), in viewers.
PRIOR_VIEWERS = 10


class RoleModelKind(StrEnum):
    COPING = "coping"
    MASTERY = "mastery"


class StoryOutcome(StrEnum):
    UNRESOLVED = "unresolved"
    PARTIAL = "partial"
    REACHED = "reached"


@dataclass(frozen=True, kw_only=True)
class ViewerFacts:
    """What the gates need to know about a viewer on one challenge.

    Attributes
    ----------
    present_rung
        The highest rung rated 70 or more, 0 if none.
    ratings
        Confidence from 0 to 100 by rung position; an unrated rung counts as 0.
    languages
        Languages the viewer follows; empty if not stated.
    seen_recently
        Stories watched within the last 90 days.
    less_like
        Stories that the viewer marked "less like this".
    is_discouraged
        Confidence fell after each of the last two viewings.
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
    """What gates and slates need to know about a published story.

    Attributes
    ----------
    start_rung, end_rung
        The teller's rung at the start (0: not yet on the ladder) and at the end of the story.
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


@dataclass(frozen=True)
class StoryEffectEvidence:
    """The effect of a story on the confidence of viewers on about the same rung.

    Attributes
    ----------
    gain
        Mean change in points of 100 right after this story, less the same mean over all stories of the challenge.
    viewer_count
        The number of viewers in that mean.
    """

    gain: float = 0.0
    viewer_count: int = 0

    @property
    def shrunken_gain(self) -> float:
        return self.gain * self.viewer_count / (self.viewer_count + PRIOR_VIEWERS)


NO_EVIDENCE = StoryEffectEvidence()


@dataclass(frozen=True)
class Candidate:
    """A story on a short list, its similarity to the viewer, and the teller's answers at the start of the story."""

    story: StoryFacts
    similarity: float
    answers: Answers = field(default_factory=dict)
    evidence: StoryEffectEvidence = NO_EVIDENCE

    @property
    def is_coping(self) -> bool:
        return self.story.model_kind == RoleModelKind.COPING
