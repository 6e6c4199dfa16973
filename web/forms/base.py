"""Base forms: an error summary at the top, and optimistic locking by version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext

from challenges.models import Rung


@dataclass(frozen=True)
class FormError:
    """One line of the error summary; `field_id` is the id of the input it links to."""

    message: str
    field_id: str = ""


class AccessibleForm(forms.Form):
    """Shows each error twice: beside its field, and in the summary at the top."""

    def add_refusal(self, field: str, message: str) -> None:
        """Add a domain error to its field, or to the top if the form has no such field."""
        self.add_error(field if field in self.fields else None, message)

    @property
    def response_status(self) -> HTTPStatus:
        return HTTPStatus.BAD_REQUEST if self.errors else HTTPStatus.OK

    @property
    def error_summary(self) -> list[FormError]:
        summary = [FormError(str(error)) for error in self.non_field_errors()]
        for field in self:
            summary += [
                FormError(labelled_error(str(field.label), str(error)), first_input_id(field))
                for error in field.errors
            ]
        return summary


class VersionedForm(AccessibleForm):
    """Carries the version that the page was rendered from, so that a concurrent change is not overwritten."""

    required_css_class = "required"
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @property
    def expected_version(self) -> int:
        return int(self.cleaned_data["seen"])

    def reset_expected_version(self, version: int, message: str) -> None:
        """Keep the input, set the current version, and ask the user to check."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = str(version)
        self.add_error(None, message)


class VersionOnlyForm(VersionedForm):
    """A single button that acts on the version its page showed."""


def labelled_error(label: str, error: str) -> str:
    if label.endswith("?"):
        return gettext("%(question)s %(error)s") % {"question": label, "error": error}
    return gettext("%(label)s: %(error)s") % {"label": label, "error": error}


def first_input_id(field: forms.BoundField) -> str:
    """Return the id of the input to focus: for a group of radio buttons or tick boxes, the first one."""
    return field.id_for_label or f"{field.auto_id}_0"


def set_field_choices(form: forms.BaseForm, field: str, choices: Sequence[tuple[Any, str]]) -> None:
    cast("forms.ChoiceField", form.fields[field]).choices = choices


def rung_choices(rungs: Iterable[Rung]) -> list[tuple[int, str]]:
    """Number each step of the ladder, as its page does."""
    return [(rung.position, f"{rung.position}. {rung.translated_text}") for rung in rungs]
