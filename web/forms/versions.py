"""Forms that change something which others may be changing too, and say so beside the right field."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.http import QueryDict


@dataclass(frozen=True)
class Problem:
    """One line of the summary on top of a form: what is wrong, and the id of the field it is about."""

    words: str
    target: str = ""


class SpokenForm(forms.Form):
    """A form that says each refusal twice: beside the field it is about, and in the summary on top."""

    def refuse(self, field: str, words: str) -> None:
        """Put what the product refused beside the field it is about, or on top if there is no such field."""
        self.add_error(field if field in self.fields else None, words)

    @property
    def status(self) -> HTTPStatus:
        """Return what a page that shows the form again is answered with."""
        return HTTPStatus.BAD_REQUEST if self.errors else HTTPStatus.OK

    @property
    def problems(self) -> list[Problem]:
        """Return every error once, each with the id that a link in the summary leads to."""
        found = [Problem(str(words)) for words in self.non_field_errors()]
        for bound in self:
            found += [Problem(f"{named(bound)} {words}", first_id(bound)) for words in bound.errors]
        return found


class VersionedForm(SpokenForm):
    """A form that carries the version its page was made from, so that nobody overwrites what they never saw."""

    required_css_class = "required"
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @property
    def seen_version(self) -> int:
        return int(self.cleaned_data["seen"])

    def start_over_from(self, version: int, words: str) -> None:
        """Keep what was typed, take the fresh version, and ask the person to look again."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = str(version)
        self.add_error(None, words)


def named(bound: forms.BoundField) -> str:
    """Return the field's label as it begins a sentence about it; a question needs no colon."""
    label = str(bound.label)
    return label if label.endswith("?") else f"{label}:"


def first_id(bound: forms.BoundField) -> str:
    """Return the id of the element to go to: groups of buttons have theirs on the first button."""
    return bound.id_for_label or f"{bound.auto_id}_0"


def offer(form: forms.BaseForm, field: str, choices: Sequence[tuple[Any, str]]) -> None:
    """Set the choices of a field that are known only when the page is made."""
    cast("forms.ChoiceField", form.fields[field]).choices = choices
