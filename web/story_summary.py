"""The facts of a story as text for the review page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from accounts.content_notes import ContentNote
from accounts.traits import catalogue
from accounts.traits.translation import translated_catalogue
from stories.models import Story, Strategy


@dataclass(frozen=True)
class ThenSelfAnswer:
    """One answer about who the teller was then; `shown` if viewers see it."""

    question: str
    text: str
    shown: bool


@dataclass(frozen=True)
class StorySummary:
    from_rung: str
    to_rung: str
    strategies: str
    content_notes: str
    then_self_answers: list[ThenSelfAnswer]


def summarise_story(story: Story) -> StorySummary:
    """Queries the ladder of the story's challenge unless it is prefetched."""
    ladder = {
        rung.position: f"{rung.position}. {rung.translated_text}" for rung in story.challenge.rungs.all()
    }
    return StorySummary(
        from_rung=ladder.get(story.start_rung, gettext("Not on the ladder yet")),
        to_rung=ladder.get(story.end_rung, ""),
        strategies=_comma_separated(str(Strategy(key).label) for key in story.strategies),
        content_notes=_comma_separated(str(ContentNote(key).label) for key in story.content_notes),
        then_self_answers=[
            ThenSelfAnswer(
                translated_catalogue()[key].question,
                translated_catalogue()[key].format_answer(answer),
                key in story.shown_traits,
            )
            for key, answer in catalogue.parse_stored_answers(story.traits_then).items()
        ],
    )


def _comma_separated(labels: Iterable[str]) -> str:
    return ", ".join(labels) or gettext("None")
