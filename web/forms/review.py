"""Form for a review: an answer to each rubric question, coded reasons, and two notes."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moderation.models import MAX_NOTE_LENGTH, Claim, Verdict
from moderation.rubric import DECISION_REASONS, DecisionReason, RubricAnswer, RubricItem
from moderation.submission import ReviewSubmission
from stories.models import Story
from web.forms.base import VersionedForm


class ReviewForm(VersionedForm):
    """One review; `seen`, `content_hash` and `claim_token` identify the claim and the reviewed version."""

    claim_token = forms.CharField(widget=forms.HiddenInput)
    content_hash = forms.CharField(widget=forms.HiddenInput)
    reasons = forms.MultipleChoiceField(
        label=_("Reasons, if we cannot publish it as it is"),
        help_text=_("The teller sees the reasons exactly as they are worded here."),
        choices=[(reason.code, reason.label) for reason in DECISION_REASONS.values()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note_to_teller = forms.CharField(
        label=_("Note to the teller"),
        help_text=_("Optional. Be kind and specific: what was good, and where exactly to look."),
        max_length=MAX_NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    note_to_colleagues = forms.CharField(
        label=_("Note to colleagues"),
        help_text=_("Never shown to the teller. Required when you pass the story to a senior reviewer."),
        max_length=MAX_NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    verdict = forms.ChoiceField(choices=Verdict.choices, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in RubricItem:
            self.fields[f"rubric.{item.value}"] = forms.ChoiceField(
                label=item.label, choices=RubricAnswer.choices, required=False, widget=forms.RadioSelect
            )

    @staticmethod
    def initial_for(story: Story, claim: Claim) -> dict[str, Any]:
        return {"seen": story.version, "content_hash": story.content_hash, "claim_token": claim.token}

    @staticmethod
    def initial_from_post(posted: QueryDict) -> dict[str, Any]:
        """Refill an unbound form from POST data, so that it shows no errors."""
        return {**posted.dict(), "reasons": posted.getlist("reasons")}

    @property
    def rubric_fields(self) -> Iterator[forms.BoundField]:
        for item in RubricItem:
            yield self[f"rubric.{item.value}"]

    @property
    def written_notes(self) -> list[tuple[str, str]]:
        """Return label and text of each note, for a page that can no longer send them."""
        notes = [self["note_to_teller"], self["note_to_colleagues"]]
        return [(str(note.label), str(note.value())) for note in notes if note.value()]

    @property
    def reason_choices(self) -> Iterator[tuple[forms.boundfield.BoundWidget, DecisionReason]]:
        """Pair each tick box with its reason."""
        return zip(self["reasons"], DECISION_REASONS.values(), strict=True)

    @property
    def chosen_verdict(self) -> Verdict:
        return Verdict(self.cleaned_data["verdict"])

    def review_submission(self) -> ReviewSubmission:
        answers = {item.value: self.cleaned_data[f"rubric.{item.value}"] for item in RubricItem}
        return ReviewSubmission(
            claim_token=self.cleaned_data["claim_token"],
            seen=self.expected_version,
            content_hash=self.cleaned_data["content_hash"],
            reasons=self.cleaned_data["reasons"],
            note_to_teller=self.cleaned_data["note_to_teller"],
            note_to_colleagues=self.cleaned_data["note_to_colleagues"],
            rubric={item: answer for item, answer in answers.items() if answer},
        )

    def clean_verdict(self) -> str:
        verdict = str(self.cleaned_data["verdict"])
        if not verdict:
            raise forms.ValidationError(gettext("Choose a decision."))
        return verdict
