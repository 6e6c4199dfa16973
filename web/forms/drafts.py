"""Form for the details of a story."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.content_notes import ContentNote
from challenges.models import Rung
from stories.draft_validation import StoryDraft
from stories.models import ModelKind, Outcome, Story, Strategy
from web.forms.base import VersionedForm, rung_choices, set_field_choices
from web.languages import language_choices

BELOW_LADDER_CHOICE = (0, _("None of these yet"))
MODEL_KIND_CHOICES = (
    (ModelKind.COPING, _("How I struggled and got there: my doubts, what went wrong, and what I tried next")),
    (ModelKind.MASTERY, _("How to do it: I show it step by step")),
)
OUTCOME_CHOICES = (
    (Outcome.REACHED, _("I got there")),
    (Outcome.PARTIAL, _("I got part of the way, and that is worth telling")),
    (Outcome.UNRESOLVED, _("I am not there yet")),
)
RUNG_REQUIRED_MESSAGE = _("Choose the step that fits best. A guess is fine.")


class StoryFactsForm(VersionedForm):
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_(
            "What you managed, in a few words of your own. For example: I rang my sister after two years."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give your story a title. You can change it later.")},
    )
    summary = forms.CharField(
        label=_("Summary"),
        max_length=400,
        required=False,
        help_text=_("One or two sentences, shown under the title. You can leave it blank."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(label=_("Language you speak in"), choices=language_choices, initial="en")
    start_rung = forms.TypedChoiceField(
        label=_("Where were you on the ladder at the start of your story?"),
        help_text=_("The hardest step that you could already do then."),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": RUNG_REQUIRED_MESSAGE},
    )
    end_rung = forms.TypedChoiceField(
        label=_("Where were you on the ladder at the end of it?"),
        help_text=_("The hardest step that you can do by the end of your story."),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": RUNG_REQUIRED_MESSAGE},
    )
    model_kind = forms.ChoiceField(
        label=_("What kind of story is it?"),
        choices=MODEL_KIND_CHOICES,
        initial=ModelKind.COPING,
        widget=forms.RadioSelect,
    )
    outcome = forms.ChoiceField(
        label=_("How did it turn out?"),
        choices=OUTCOME_CHOICES,
        initial=Outcome.REACHED,
        widget=forms.RadioSelect,
    )
    strategies = forms.MultipleChoiceField(
        label=_("What helped?"),
        help_text=_("Choose as many as you like, or none."),
        choices=Strategy.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    content_notes = forms.MultipleChoiceField(
        label=_("Does your story mention any of these?"),
        help_text=_("People can choose not to see stories about these. Most stories mention none."),
        choices=ContentNote.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, rungs: Iterable[Rung], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ladder = rung_choices(rungs)
        below, label = BELOW_LADDER_CHOICE
        set_field_choices(self, "start_rung", [(below, str(label)), *ladder])
        set_field_choices(self, "end_rung", ladder)

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        fields = [name for name in StoryFactsForm.base_fields if name != "seen"]
        return {"seen": story.version, **{name: getattr(story, name) for name in fields}}

    def story_draft(self) -> StoryDraft:
        return StoryDraft(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})
