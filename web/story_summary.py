"""What a teller wrote down about a story, in the words that a reviewer reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.content_notes import ContentNote
from accounts.traits import catalogue
from accounts.traits.translation import translated_catalogue
from stories.models import Story, Strategy


@dataclass(frozen=True)
class ThenSelfAnswer:
    """One thing the teller said of themselves then, and whether viewers see it."""

    question: str
    text: str
    shown: bool


@dataclass(frozen=True)
class StorySummary:
    """The facts of a story as sentences and lists in words."""

    from_rung: str
    to_rung: str
    strategies: str
    content_notes: str
    then_self_answers: list[ThenSelfAnswer]


def summarise_story(story: Story) -> StorySummary:
    """Put a story's facts in words; asks for its challenge's ladder."""
    ladder = {
        rung.position: f"{rung.position}. {rung.translated_text}" for rung in story.challenge.rungs.all()
    }
    return StorySummary(
        from_rung=ladder.get(story.start_rung, "Not on the ladder yet"),
        to_rung=ladder.get(story.end_rung, ""),
        strategies=_comma_separated(Strategy(one).label for one in story.strategies),
        content_notes=_comma_separated(ContentNote(one).label for one in story.content_notes),
        then_self_answers=[
            ThenSelfAnswer(
                translated_catalogue()[key].question,
                translated_catalogue()[key].format_answer(answer),
                key in story.shown_traits,
            )
            for key, answer in catalogue.parse_stored_answers(story.traits_then).items()
        ],
    )


def _comma_separated(labels: Iterable[object]) -> str:
    return ", ".join(str(label) for label in labels) or "None"
