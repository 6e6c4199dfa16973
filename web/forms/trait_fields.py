"""Form fields for traits; no answer is required."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.traits import CategoryTrait, NumericTrait, OrdinalTrait, SetTrait

UNANSWERED_CHOICE = ("", _("Prefer not to say"))
# Cleaned values of an unanswered number, choice and multiple choice.
EMPTY_ANSWERS: tuple[object, ...] = (None, "", [])


def field_for_trait(trait: object) -> forms.Field:
    match trait:
        case NumericTrait():
            return forms.FloatField(
                label=trait.question,
                required=False,
                widget=forms.NumberInput(
                    attrs={"min": trait.minimum, "max": trait.maximum, "step": trait.step, "class": "short"}
                ),
                help_text=gettext("Enter a number of %(unit)s.") % {"unit": trait.unit},
            )
        case SetTrait():
            return forms.MultipleChoiceField(
                label=trait.question,
                required=False,
                choices=trait.levels,
                widget=forms.CheckboxSelectMultiple,
            )
        case OrdinalTrait() | CategoryTrait():
            return forms.ChoiceField(
                label=trait.question, required=False, choices=[UNANSWERED_CHOICE, *trait.levels]
            )
    raise TypeError(f"no form field for {trait!r}")


def submitted_by_prefix(cleaned_data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the values of the fields `<prefix>.<key>` by key."""
    return {
        name.removeprefix(f"{prefix}."): value
        for name, value in cleaned_data.items()
        if name.startswith(f"{prefix}.")
    }
