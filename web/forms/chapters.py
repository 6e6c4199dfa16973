"""Form for the chapters of a recording."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from challenges.models import Barrier, Rung
from stories.draft_validation import MAX_CHAPTERS, ChapterDraft
from stories.models import Chapter, ChapterKind, Story
from web.forms.base import FormError, VersionedForm, first_input_id, rung_choices, set_field_choices

EXTRA_ROWS = 3
TIMECODE_PATTERN = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,4})(?:[.,](\d{1,3}))?")


def format_timecode(milliseconds: int) -> str:
    """Format a position as 1:05, or 1:05.250 with a fraction."""
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}:{seconds:02}" + (f".{fraction:03}" if fraction else "")


class TimecodeField(forms.Field):
    """A position in milliseconds, entered as 1:05, 65 or 0:01:05.2."""

    def prepare_value(self, value: Any) -> Any:
        return format_timecode(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        match = TIMECODE_PATTERN.fullmatch(text)
        if match is None:
            raise forms.ValidationError(gettext("Enter a time in minutes and seconds, for example 1:05."))
        hours, minutes, seconds, fraction = match.groups(default="0")
        whole_seconds = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        return whole_seconds * 1000 + int(fraction.ljust(3, "0"))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class ChapterForm(forms.Form):
    """One chapter; rows that are empty or marked for deletion are ignored."""

    kind = forms.ChoiceField(
        label=_("What this chapter is about"), choices=[("", _("Choose")), *ChapterKind.choices]
    )
    start_ms = TimecodeField(
        label=_("Starts at"),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "data-moment": ""}),
    )
    text = forms.CharField(
        label=_("In your own words"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    barrier = forms.ChoiceField(label=_("Did something get in the way here?"), required=False)
    rung = forms.TypedChoiceField(
        label=_("Which step of the ladder is it about?"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self, *args: Any, rungs: Sequence[Rung] = (), barriers: Sequence[Barrier] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        barrier_choices = [(barrier.key, barrier.text) for barrier in barriers]
        set_field_choices(self, "barrier", [("", gettext("None of these")), *barrier_choices])
        set_field_choices(self, "rung", [("", gettext("No particular step")), *rung_choices(rungs)])

    @property
    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("kind")) and not self.cleaned_data.get("DELETE")

    def chapter_draft(self) -> ChapterDraft:
        return ChapterDraft(
            kind=self.cleaned_data["kind"],
            start_ms=self.cleaned_data["start_ms"],
            text=self.cleaned_data["text"],
            barrier=self.cleaned_data["barrier"] or None,
            rung=self.cleaned_data["rung"],
        )


ChapterFormSet = forms.formset_factory(
    ChapterForm,
    extra=EXTRA_ROWS,
    max_num=MAX_CHAPTERS,
    absolute_max=MAX_CHAPTERS,
    can_delete=True,
)


class ChapterListForm(VersionedForm):
    """All chapters of a story, in any order."""

    def __init__(self, data: QueryDict | None = None, *, story: Story) -> None:
        super().__init__(data, initial={"seen": story.version})
        challenge = story.challenge
        self.formset = ChapterFormSet(
            data,
            prefix="chapters",
            initial=[_chapter_initial(chapter) for chapter in story.chapters.select_related("barrier")],
            form_kwargs={"rungs": list(challenge.rungs.all()), "barriers": list(challenge.barriers.all())},
        )

    def is_valid(self) -> bool:
        # Validates both before combining, so that the page shows all errors at once.
        formset_is_valid = self.formset.is_valid()
        return super().is_valid() and formset_is_valid

    @property
    def error_summary(self) -> list[FormError]:
        return [
            *super().error_summary,
            *(FormError(str(error)) for error in self.formset.non_form_errors()),
            *self._chapter_errors(),
        ]

    def chapter_drafts(self) -> list[ChapterDraft]:
        """Return the chapters sorted by start time."""
        drafts = [row.chapter_draft() for row in self.formset.forms if row.is_kept]
        return sorted(drafts, key=lambda chapter: chapter.start_ms)

    def _chapter_errors(self) -> Iterator[FormError]:
        for number, row in enumerate(self.formset.forms, start=1):
            for field in row:
                for error in field.errors:
                    message = gettext("Chapter %(number)s, “%(label)s”: %(error)s") % {
                        "number": number,
                        "label": field.label,
                        "error": error,
                    }
                    yield FormError(message, first_input_id(field))


def _chapter_initial(chapter: Chapter) -> dict[str, Any]:
    return {
        "kind": chapter.kind,
        "start_ms": chapter.start_ms,
        "text": chapter.text,
        "barrier": chapter.barrier.key if chapter.barrier else "",
        "rung": chapter.rung,
    }
