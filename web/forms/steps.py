"""Forms for committing to a step and for recording an attempt."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from challenges.models import Rung
from practice.models import AttemptResult, Attribution
from web.forms.base import AccessibleForm, rung_choices, set_field_choices


class StepForm(AccessibleForm):
    text = forms.CharField(
        label=_("What will you try?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a few words what you will try.")},
    )
    rung = forms.TypedChoiceField(label=_("Which step of the ladder is it about?"), coerce=int)

    def __init__(self, rungs: Sequence[Rung], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_field_choices(self, "rung", rung_choices(rungs))


class AttemptForm(AccessibleForm):
    went = forms.ChoiceField(
        label=_("How did it go?"),
        choices=AttemptResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it went.")},
    )
    attribution = forms.ChoiceField(
        label=_("What do you think made the difference? (optional)"),
        choices=Attribution.choices,
        required=False,
        widget=forms.RadioSelect,
    )
