"""What a teller fills in about the recording itself: its chapters, and its words as captions."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from challenges.models import Barrier, Rung
from stories.drafts import MAX_CHAPTERS, ChapterDraft
from stories.models import Chapter, ChapterKind, Story
from web.forms.base import FormError, VersionedForm, first_input_id, label_prefix, set_field_choices
from web.forms.drafts import LANGUAGE_CHOICES

EXTRA_ROWS = 3
MAX_CAPTIONS_BYTES = 500_000
TIMECODE_PATTERN = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,4})(?:[.,](\d{1,3}))?")


def format_timecode(milliseconds: int) -> str:
    """Write a moment of a recording as people do: 1:05, or 1:05.250 where the fraction matters."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}:{seconds:02}" + (f".{rest:03}" if rest else "")


class TimecodeField(forms.Field):
    """A moment of a recording in milliseconds, typed as 1:05, 65 or 0:01:05.2."""

    def prepare_value(self, value: Any) -> Any:
        return format_timecode(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        found = TIMECODE_PATTERN.fullmatch(text)
        if found is None:
            raise forms.ValidationError("This is not a time. Write minutes and seconds, for example 1:05.")
        hours, minutes, seconds, fraction = found.groups(default="0")
        whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        return whole * 1000 + int(fraction.ljust(3, "0"))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class ChapterForm(forms.Form):
    """One chapter; a row that is left empty, or ticked for removal, is none."""

    kind = forms.ChoiceField(label="What is told here", choices=[("", "Choose"), *ChapterKind.choices])
    start_ms = TimecodeField(
        label="Starts at",
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "data-moment": ""}),
    )
    text = forms.CharField(
        label="In your words",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    barrier = forms.ChoiceField(label="Did something get in the way here?", required=False)
    rung = forms.TypedChoiceField(
        label="Which part of the ladder is it about?", required=False, coerce=int, empty_value=None
    )

    def __init__(
        self, *args: Any, rungs: Sequence[Rung] = (), barriers: Sequence[Barrier] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        set_field_choices(
            self,
            "barrier",
            [("", "Nothing of this list"), *((one.key, one.translated_text) for one in barriers)],
        )
        ladder = [(rung.position, f"{rung.position}. {rung.translated_text}") for rung in rungs]
        set_field_choices(self, "rung", [("", "No particular one"), *ladder])

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
    """All chapters of a story at once; the person may type them in any order."""

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
        # Both are asked, so that every problem is on the page at once.
        rows_are_valid = self.formset.is_valid()
        return super().is_valid() and rows_are_valid

    @property
    def error_summary(self) -> list[FormError]:
        found = super().error_summary + [FormError(str(words)) for words in self.formset.non_form_errors()]
        for number, row in enumerate(self.formset.forms, start=1):
            for bound in row:
                found += [
                    FormError(f"Chapter {number}, {label_prefix(bound)} {words}", first_input_id(bound))
                    for words in bound.errors
                ]
        return found

    def chapter_drafts(self) -> list[ChapterDraft]:
        kept = [row.chapter_draft() for row in self.formset.forms if row.is_kept]
        return sorted(kept, key=lambda chapter: chapter.start_ms)


def _chapter_initial(chapter: Chapter) -> dict[str, Any]:
    return {
        "kind": chapter.kind,
        "start_ms": chapter.start_ms,
        "text": chapter.text,
        "barrier": chapter.barrier.key if chapter.barrier else "",
        "rung": chapter.rung,
    }


class CaptionsForm(VersionedForm):
    """A file of captions, or the same text pasted; what it has to be is the product's to say."""

    language = forms.ChoiceField(label="Language of the captions", choices=LANGUAGE_CHOICES)
    file = forms.FileField(
        label="A file of captions",
        required=False,
        help_text="WebVTT (.vtt) or SubRip (.srt), 500 KB at most.",
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt,application/x-subrip"}),
    )
    text = forms.CharField(
        label="Or paste the captions here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
    )

    @property
    def chosen_language(self) -> str:
        return str(self.cleaned_data["language"])

    @property
    def caption_text(self) -> str:
        return str(self.cleaned_data["text"])

    def add_refusal(self, field: str, words: str) -> None:
        """Say what is wrong with the captions beside where they came from."""
        came_from = "file" if self.files.get("file") else "text"
        super().add_refusal(came_from if field == "captions" else field, words)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if "file" in self.errors:
            return cleaned  # what is wrong with it is said already
        if file is None and not str(cleaned.get("text", "")).strip():
            self.add_error("file", "Choose a file of captions, or paste them below.")
        elif file is not None:
            if file.size > MAX_CAPTIONS_BYTES:
                self.add_error("file", "This file is larger than 500 KB, which is more than captions need.")
            else:
                cleaned["text"] = self._decode_file(file.read())
        return cleaned

    def _decode_file(self, content: bytes) -> str:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(
                "file", "This file is not in UTF-8. Save it again as UTF-8 text, then choose it once more."
            )
            return ""


class CaptionCorrectionForm(VersionedForm):
    """Captions as WebVTT, to be corrected; the page makes a list of lines of it where scripts run."""

    text = forms.CharField(
        label="The captions",
        strip=False,
        max_length=MAX_CAPTIONS_BYTES,
        help_text="Each part has a line that says from when to when it is shown, and below it what is said.",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true", "data-vtt": ""}),
    )

    def add_refusal(self, field: str, words: str) -> None:
        super().add_refusal("text" if field == "captions" else field, words)
