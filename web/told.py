"""What a teller wrote down about a story, in the words that a reviewer reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts import traits
from accounts.notes import ContentNote
from accounts.traits import CATALOGUE
from stories.models import Story, Strategy


@dataclass(frozen=True)
class Answer:
    """One thing the teller said of themselves then, and whether viewers see it."""

    question: str
    words: str
    shown: bool


@dataclass(frozen=True)
class Told:
    """The facts of a story as sentences and lists in words."""

    from_rung: str
    to_rung: str
    strategies: str
    content_notes: str
    then: list[Answer]


def told_of(story: Story) -> Told:
    """Put a story's facts in words; asks for its challenge's ladder."""
    ladder = {rung.position: f"{rung.position}. {rung.text}" for rung in story.challenge.rungs.all()}
    return Told(
        from_rung=ladder.get(story.start_rung, "Not on the ladder yet"),
        to_rung=ladder.get(story.end_rung, ""),
        strategies=_listed(Strategy(one).label for one in story.strategies),
        content_notes=_listed(ContentNote(one).label for one in story.content_notes),
        then=[
            Answer(CATALOGUE[key].question, CATALOGUE[key].say(answer), key in story.shown_traits)
            for key, answer in traits.read(story.traits_then).items()
        ],
    )


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(labels) or "None"
