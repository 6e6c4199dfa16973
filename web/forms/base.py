"""Forms that change something which others may be changing too, and say so beside the right field."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.http import QueryDict


@dataclass(frozen=True)
class FormError:
    """One line of the summary on top of a form: what is wrong, and the id of the field it is about."""

    message: str
    field_id: str = ""


class AccessibleForm(forms.Form):
    """A form that says each refusal twice: beside the field it is about, and in the summary on top."""

    def add_refusal(self, field: str, words: str) -> None:
        """Put what the product refused beside the field it is about, or on top if there is no such field."""
        self.add_error(field if field in self.fields else None, words)

    @property
    def response_status(self) -> HTTPStatus:
        """Return what a page that shows the form again is answered with."""
        return HTTPStatus.BAD_REQUEST if self.errors else HTTPStatus.OK

    @property
    def error_summary(self) -> list[FormError]:
        """Return every error once, each with the id that a link in the summary leads to."""
        found = [FormError(str(words)) for words in self.non_field_errors()]
        for bound in self:
            found += [
                FormError(f"{label_prefix(bound)} {words}", first_input_id(bound)) for words in bound.errors
            ]
        return found


class VersionedForm(AccessibleForm):
    """A form that carries the version its page was made from, so that nobody overwrites what they never saw."""

    required_css_class = "required"
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @property
    def expected_version(self) -> int:
        return int(self.cleaned_data["seen"])

    def reset_expected_version(self, version: int, words: str) -> None:
        """Keep what was typed, take the fresh version, and ask the person to look again."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = str(version)
        self.add_error(None, words)


def label_prefix(bound: forms.BoundField) -> str:
    """Return the field's label as it begins a sentence about it; a question needs no colon."""
    label = str(bound.label)
    return label if label.endswith("?") else f"{label}:"


def first_input_id(bound: forms.BoundField) -> str:
    """Return the id of the element to go to: groups of buttons have theirs on the first button."""
    return bound.id_for_label or f"{bound.auto_id}_0"


def set_field_choices(form: forms.BaseForm, field: str, choices: Sequence[tuple[Any, str]]) -> None:
    """Set the choices of a field that are known only when the page is made."""
    cast("forms.ChoiceField", form.fields[field]).choices = choices
