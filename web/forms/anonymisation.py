"""Form for hiding faces and changing the voice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stories import anonymisation
from stories.anonymisation import AnonymisationChoice
from stories.models import Story
from web.forms.base import VersionedForm


class AnonymisationForm(VersionedForm):
    """Without `hide_faces` where face detection is not installed, unless it was chosen before."""

    hide_faces = forms.BooleanField(
        label=_("Hide every face in the picture"),
        required=False,
        help_text=_("Each face we find, and the area around it, is replaced by blurred colours."),
    )
    change_voice = forms.BooleanField(
        label=_("Change how my voice sounds"),
        required=False,
        help_text=_(
            "Your voice becomes higher or deeper and a little rough. People can still understand you."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not anonymisation.can_hide_faces() and not self.initial.get("hide_faces"):
            del self.fields["hide_faces"]

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        return {"seen": story.version, "hide_faces": story.hide_faces, "change_voice": story.change_voice}

    @property
    def anonymisation(self) -> AnonymisationChoice:
        return AnonymisationChoice(
            hide_faces=bool(self.cleaned_data.get("hide_faces")),
            change_voice=bool(self.cleaned_data["change_voice"]),
        )
