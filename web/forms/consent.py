"""Form for a teller's consent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ConsentUse
from web.forms.base import VersionedForm


class ConsentForm(VersionedForm):
    """Consent to single uses; `text_version_read` is the version of the text that the page showed."""

    text_version_read = forms.IntegerField(widget=forms.HiddenInput)
    uses = forms.MultipleChoiceField(
        label=_("I agree to this"),
        choices=ConsentUse.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def chosen_uses(self) -> list[str]:
        return list(self.cleaned_data["uses"])

    @property
    def text_version(self) -> int:
        return int(self.cleaned_data["text_version_read"])
