"""What a teller fills in: the facts of a story, who they were then, and what they agree to."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import global_settings

from accounts.content_notes import ContentNote
from accounts.models import ConsentUse
from challenges.models import Rung
from stories.drafts import StoryDraft
from stories.models import ModelKind, Outcome, Story, Strategy
from web.forms.base import VersionedForm, set_field_choices

BELOW_LADDER_CHOICE = (0, "Not on the ladder yet: none of these")
MODEL_KIND_CHOICES = (
    (ModelKind.COPING, "How I struggled and got there: the doubts, what went wrong, what I tried next"),
    (ModelKind.MASTERY, "How to do it: I show, step by step, how it is done"),
)
OUTCOME_CHOICES = (
    (Outcome.REACHED, "I got there"),
    (Outcome.PARTIAL, "I got part of the way, and it is enough to tell"),
    (Outcome.UNRESOLVED, "I am not there yet"),
)
# Every language that Django knows by name; the languages of the pages are settings.LANGUAGES.
LANGUAGE_CHOICES = sorted(
    ((code, name) for code, name in global_settings.LANGUAGES if "-" not in code),
    key=lambda language: language[1],
)


class StoryFactsForm(VersionedForm):
    """Title, ladder, kind, outcome, what helped and what a viewer may not want to meet."""

    title = forms.CharField(
        label="Title",
        max_length=120,
        help_text="What you managed, in a few words of your own. For example: I rang my sister after two years.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give your story a title; you can change it later."},
    )
    summary = forms.CharField(
        label="A sentence or two about it",
        max_length=400,
        required=False,
        help_text="Shown under the title. You can leave it empty.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(label="Language you speak in", choices=LANGUAGE_CHOICES, initial="en")
    start_rung = forms.TypedChoiceField(
        label="Where did you stand when your story starts?",
        help_text="The hardest of these that you were already able to do then.",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the one that fits best; a guess is fine."},
    )
    end_rung = forms.TypedChoiceField(
        label="And where did you stand when it ends?",
        help_text="The hardest of these that you can do by the end of the story.",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the one that fits best; a guess is fine."},
    )
    model_kind = forms.ChoiceField(
        label="What kind of story is it?",
        choices=MODEL_KIND_CHOICES,
        initial=ModelKind.COPING,
        widget=forms.RadioSelect,
    )
    outcome = forms.ChoiceField(
        label="How did it turn out?",
        choices=OUTCOME_CHOICES,
        initial=Outcome.REACHED,
        widget=forms.RadioSelect,
    )
    strategies = forms.MultipleChoiceField(
        label="What helped?",
        help_text="Choose as many as fit, or none.",
        choices=Strategy.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    content_notes = forms.MultipleChoiceField(
        label="Does your story touch any of these?",
        help_text="People can ask not to be shown stories with these. Most stories need none.",
        choices=ContentNote.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, rungs: Iterable[Rung], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ladder = [(rung.position, f"{rung.position}. {rung.translated_text}") for rung in rungs]
        set_field_choices(self, "start_rung", [BELOW_LADDER_CHOICE, *ladder])
        set_field_choices(self, "end_rung", ladder)

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        """Return what the form shows at first for a story that is there already."""
        facts = [name for name in StoryFactsForm.base_fields if name != "seen"]
        return {"seen": story.version, **{name: getattr(story, name) for name in facts}}

    def story_draft(self) -> StoryDraft:
        return StoryDraft(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


class ConsentForm(VersionedForm):
    """The uses a teller agrees to, one by one; `text_version_read` says which words they read."""

    text_version_read = forms.IntegerField(widget=forms.HiddenInput)
    uses = forms.MultipleChoiceField(
        label="I agree to this",
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


class VersionOnlyForm(VersionedForm):
    """A single button that acts on what the page showed."""
