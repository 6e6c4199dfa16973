"""Forms for confidence ratings before and after watching."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from challenges.models import Rung
from practice.models import MAX_LIKE_ME
from recommendations.free_text import MAX_FREE_TEXT_LENGTH
from web.forms.base import AccessibleForm, FormError, first_input_id

CONFIDENCE_CHOICES = [(value, str(value)) for value in range(0, 101, 10)]
LIKE_ME_CHOICES = [(value, str(value)) for value in range(MAX_LIKE_ME + 1)]
RATING_REQUIRED_MESSAGE = _("Choose a number. A guess is fine.")


class ConfidenceRatingForm(AccessibleForm):
    """A rating from 0 to 100 for each rung, in fields named `ratings.<position>`; none is preselected."""

    def __init__(self, rungs: Sequence[Rung], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.positions = [rung.position for rung in rungs]
        for rung in rungs:
            self.fields[f"ratings.{rung.position}"] = forms.TypedChoiceField(
                label=rung.translated_text,
                choices=CONFIDENCE_CHOICES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": RATING_REQUIRED_MESSAGE},
            )

    @property
    def rung_fields(self) -> Iterator[forms.BoundField]:
        return (self[f"ratings.{position}"] for position in self.positions)

    @property
    def ratings(self) -> dict[int, int]:
        return {position: self.cleaned_data[f"ratings.{position}"] for position in self.positions}

    @property
    def error_summary(self) -> list[FormError]:
        """Number the steps instead of repeating their text, so that the summary stays short."""
        summary = [FormError(str(error)) for error in self.non_field_errors()]
        for position, field in zip(self.positions, self.rung_fields, strict=True):
            summary += [
                FormError(
                    gettext("Step %(number)s: %(error)s") % {"number": position, "error": error},
                    first_input_id(field),
                )
                for error in field.errors
            ]
        return summary


class BeforeRatingForm(ConfidenceRatingForm):
    """The ladder, and optional free text about it."""

    words = forms.CharField(
        label=_("What is it like for you? (optional)"),
        help_text=_(
            "A sentence or two. Nobody reads it. It only helps us choose stories, and we delete it when you clear it."
        ),
        required=False,
        max_length=MAX_FREE_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def error_summary(self) -> list[FormError]:
        free_text = self["words"]
        free_text_errors = (FormError(str(error), first_input_id(free_text)) for error in free_text.errors)
        return [*super().error_summary, *free_text_errors]


class AfterRatingForm(ConfidenceRatingForm):
    """The ladder again, and how similar the viewer felt to the teller."""

    like_me = forms.TypedChoiceField(
        label=_("This person is like me"),
        choices=LIKE_ME_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
