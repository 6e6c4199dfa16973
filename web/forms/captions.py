"""Forms for uploading captions and for correcting them."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from web.forms.base import VersionedForm
from web.languages import language_choices

MAX_CAPTIONS_BYTES = 500_000


class CaptionsForm(VersionedForm):
    """A caption file, or the same text pasted; the domain validates its format."""

    language = forms.ChoiceField(label=_("Language of the captions"), choices=language_choices)
    file = forms.FileField(
        label=_("Caption file"),
        required=False,
        help_text=_("WebVTT (.vtt) or SubRip (.srt), up to 500 KB."),
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt,application/x-subrip"}),
    )
    text = forms.CharField(
        label=_("Or paste the captions here"),
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

    def add_refusal(self, field: str, message: str) -> None:
        """Add an error in the captions to the field they came from."""
        source = "file" if self.files.get("file") else "text"
        super().add_refusal(source if field == "captions" else field, message)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if "file" in self.errors:
            return cleaned
        if file is None and not str(cleaned.get("text", "")).strip():
            self.add_error("file", gettext("Choose a caption file, or paste the captions below."))
        elif file is not None:
            if file.size > MAX_CAPTIONS_BYTES:
                self.add_error(
                    "file", gettext("This file is larger than 500 KB, which is more than captions need.")
                )
            else:
                cleaned["text"] = self._decode_file(file.read())
        return cleaned

    def _decode_file(self, content: bytes) -> str:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(
                "file", gettext("This file is not in UTF-8. Save it as UTF-8 text, then choose it again.")
            )
            return ""


class CaptionCorrectionForm(VersionedForm):
    """Captions as WebVTT; with scripts, the page replaces the text area by an editor."""

    text = forms.CharField(
        label=_("The captions"),
        strip=False,
        max_length=MAX_CAPTIONS_BYTES,
        help_text=_("Each caption has a line with its start and end time, and its text below."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true", "data-vtt": ""}),
    )

    def add_refusal(self, field: str, message: str) -> None:
        super().add_refusal("text" if field == "captions" else field, message)
