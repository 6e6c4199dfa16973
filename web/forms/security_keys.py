"""allauth's security key forms with a label that can be translated."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

NAME_LABEL = _("Name of this security key")


class AddSecurityKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=NAME_LABEL, required=False)


class EditSecurityKeyForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=NAME_LABEL)
