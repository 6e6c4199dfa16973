"""Validates what a teller writes in a draft: its facts and its chapters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext

from accounts.content_notes import ContentNote
from accounts.traits import catalogue
from domain_errors.categories import FieldError
from media.models import Video
from stories.models import ChapterKind, ModelKind, Outcome, Story, Strategy

MAX_CHAPTERS = 20
MAX_LENGTHS: Mapping[str, int] = {"title": 120, "summary": 400, "language": 8}
LIST_FIELDS = frozenset({"strategies", "content_notes", "shown_traits"})
FIELD_CHOICES: Mapping[str, Sequence[str]] = {
    "model_kind": ModelKind.values,
    "outcome": Outcome.values,
    "strategies": Strategy.values,
    "content_notes": ContentNote.values,
}


class InvalidStory(FieldError):
    pass


@dataclass(frozen=True)
class ChapterDraft:
    """One chapter as the teller marks it; `start_ms` is milliseconds from the start of the recording."""

    kind: str
    start_ms: int
    text: str = ""
    barrier: str | None = None
    rung: int | None = None


@dataclass(frozen=True)
class StoryDraft:
    """The facts of a story that its teller writes; None leaves a fact unchanged."""

    title: str | None = None
    summary: str | None = None
    language: str | None = None
    model_kind: str | None = None
    outcome: str | None = None
    start_rung: int | None = None
    end_rung: int | None = None
    strategies: Sequence[str] | None = None
    content_notes: Sequence[str] | None = None
    traits_then: Mapping[str, Any] | None = None
    shown_traits: Sequence[str] | None = None

    def changed_fields(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def apply_draft(story: Story, draft: StoryDraft) -> None:
    """Set the draft's facts on the story and validate them. Raises InvalidStory."""
    for field, value in draft.changed_fields().items():
        setattr(story, field, list(value) if field in LIST_FIELDS else value)
    if not story.title.strip():
        raise InvalidStory(
            "title", gettext("A story needs a title."), gettext("Say in a few words what you managed.")
        )
    for field, max_length in MAX_LENGTHS.items():
        if len(getattr(story, field)) > max_length:
            problem = gettext("This is longer than %(limit)s characters.") % {"limit": max_length}
            raise InvalidStory(field, problem, gettext("Make it shorter."))
    for field, choices in FIELD_CHOICES.items():
        value = getattr(story, field)
        _validate_choices(field, [value] if isinstance(value, str) else value, choices)
    _validate_rungs(story)
    story.traits_then = catalogue.validate_answers(story.traits_then, field="traits_then")
    story.shown_traits = sorted(set(story.shown_traits) & set(story.traits_then))


def _validate_choices(field: str, values: Sequence[str], choices: Sequence[str]) -> None:
    for value in values:
        if value not in choices:
            raise InvalidStory(
                field,
                gettext("“%(value)s” is not one of the choices.") % {"value": value},
                gettext("Choose from %(choices)s.") % {"choices": ", ".join(choices)},
            )


def _validate_rungs(story: Story) -> None:
    top = story.challenge.rungs.count()
    if not 0 <= story.start_rung <= top:
        raise InvalidStory(
            "start_rung",
            gettext("This ladder has no such rung."),
            gettext("Use a number from 0 (not yet on the ladder) to %(top)s.") % {"top": top},
        )
    lowest = max(1, story.start_rung)
    if not lowest <= story.end_rung <= top:
        raise InvalidStory(
            "end_rung",
            gettext("A story ends on a rung, and not below the rung where it starts."),
            gettext("Use a number from %(lowest)s to %(top)s.") % {"lowest": lowest, "top": top},
        )


def validate_chapters(chapters: Sequence[ChapterDraft]) -> None:
    """Raise InvalidStory unless the chapters are few, in order and of known kinds."""
    if len(chapters) > MAX_CHAPTERS:
        problem = gettext("There are more than %(limit)s chapters.") % {"limit": MAX_CHAPTERS}
        raise InvalidStory("chapters", problem, gettext("Join some of them."))
    starts = [chapter.start_ms for chapter in chapters]
    if any(later <= earlier for earlier, later in pairwise(starts)) or min(starts, default=0) < 0:
        raise InvalidStory(
            "chapters",
            gettext("The chapters are not in order of time."),
            gettext("Sort them by their start."),
        )
    for chapter in chapters:
        _validate_choices("chapters", [chapter.kind], ChapterKind.values)


def validate_chapters_fit_recording(chapters: Sequence[ChapterDraft], video: Video | None) -> None:
    """Raise InvalidStory if a chapter starts after the end of the recording, once its duration is known."""
    if video is None or video.duration_ms is None or not chapters:
        return
    if chapters[-1].start_ms >= video.duration_ms:
        problem = gettext(
            "The recording ends after %(duration)s seconds, but a chapter starts at %(start)s seconds."
        )
        raise InvalidStory(
            "chapters",
            problem
            % {
                "duration": f"{video.duration_ms / 1000:.1f}",
                "start": f"{chapters[-1].start_ms / 1000:.1f}",
            },
            gettext("Start every chapter before the end of the recording."),
        )


def validate_barriers(chapters: Sequence[ChapterDraft], barrier_keys: Sequence[str]) -> None:
    """Raise InvalidStory if a chapter names a barrier that the challenge does not have."""
    for chapter in chapters:
        if chapter.barrier is not None and chapter.barrier not in barrier_keys:
            raise InvalidStory(
                "chapters",
                gettext("This challenge has no barrier “%(barrier)s”.") % {"barrier": chapter.barrier},
                gettext("Choose one of the barriers of this challenge."),
            )
