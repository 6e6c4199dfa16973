"""What a teller wants to have hidden of themselves."""

from typing import Any

from django import forms

from stories import anonymisation
from stories.anonymisation import AnonymisationChoice
from stories.models import Story
from web.forms.base import VersionedForm


class AnonymisationForm(VersionedForm):
    """Two wishes; the one about faces is there only where faces can be hidden, or were wanted to be."""

    hide_faces = forms.BooleanField(
        label="Hide every face in the picture",
        required=False,
        help_text="Where a face is found, and around it, you see blurred colours instead.",
    )
    change_voice = forms.BooleanField(
        label="Change how my voice sounds",
        required=False,
        help_text="It becomes higher or deeper and a little rough. The words stay clear.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not anonymisation.can_hide_faces() and not self.initial.get("hide_faces"):
            del self.fields["hide_faces"]

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        """Return what the form shows at first."""
        return {"seen": story.version, "hide_faces": story.hide_faces, "change_voice": story.change_voice}

    @property
    def anonymisation(self) -> AnonymisationChoice:
        return AnonymisationChoice(
            hide_faces=bool(self.cleaned_data.get("hide_faces")),
            change_voice=bool(self.cleaned_data["change_voice"]),
        )
