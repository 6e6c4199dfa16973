"""Forms for a viewer's profile and display name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.content_notes import ContentNote
from accounts.display_names import MAX_LENGTH
from accounts.models import Profile
from accounts.profiles import ProfileChange
from accounts.traits import EVERYDAY, IDENTITY, PERSONAL
from accounts.traits.catalogue import TRAIT_CATALOGUE
from accounts.traits.translation import translated_catalogue
from matching.traits import Trait
from web.forms.base import AccessibleForm
from web.forms.trait_fields import EMPTY_ANSWERS, field_for_trait, submitted_by_prefix

WEIGHT_CHOICES = [
    (0, _("not at all")),
    (1, _("the same as the others")),
    (2, _("more than the others")),
    (4, _("most of all")),
]
DEFAULT_WEIGHT = 1


@dataclass(frozen=True)
class ProfileQuestion:
    """A trait's answer, and how much similarity in it counts."""

    answer: forms.BoundField
    weight: forms.BoundField


@dataclass(frozen=True)
class ProfileQuestionGroup:
    title: str
    description: str
    questions: Sequence[ProfileQuestion]
    answered_count: int
    has_errors: bool


class ProfileForm(AccessibleForm):
    """An optional answer and weight for each trait, in fields `traits.<key>` and `matters.<key>`, and filters."""

    muted = forms.MultipleChoiceField(
        label=_("Never show me stories about"),
        choices=ContentNote.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    captions_only = forms.BooleanField(label=_("Only show me stories with captions"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait in translated_catalogue():
            self.fields[f"traits.{trait.key}"] = field_for_trait(trait)
            self.fields[f"matters.{trait.key}"] = forms.TypedChoiceField(
                label=capfirst(str(trait.label)),
                choices=WEIGHT_CHOICES,
                coerce=int,
                empty_value=None,
                required=False,
            )

    @staticmethod
    def initial_for(profile: Profile) -> dict[str, Any]:
        """Identity traits have weight 0 until the viewer changes it."""
        weights = {trait.key: 0 if trait.identity else DEFAULT_WEIGHT for trait in TRAIT_CATALOGUE}
        return {
            "muted": profile.muted,
            "captions_only": profile.captions_only,
            **{f"traits.{key}": answer for key, answer in profile.traits.items()},
            **{f"matters.{key}": weight for key, weight in {**weights, **profile.matters}.items()},
        }

    @property
    def question_groups(self) -> Iterator[ProfileQuestionGroup]:
        yield self._question_group(
            gettext("Your everyday life"), gettext("What your days are like now."), EVERYDAY
        )
        yield self._question_group(
            gettext("You and this kind of challenge"),
            gettext("How you feel about it, and what gets in the way."),
            PERSONAL,
        )
        yield self._question_group(
            gettext("Who you are"),
            gettext("We never guess these. They only count if you answer them and say that they should."),
            IDENTITY,
        )

    def profile_change(self) -> ProfileChange:
        answers = submitted_by_prefix(self.cleaned_data, "traits")
        weights = submitted_by_prefix(self.cleaned_data, "matters")
        return ProfileChange(
            traits={key: answer for key, answer in answers.items() if answer not in EMPTY_ANSWERS},
            matters={key: weight for key, weight in weights.items() if weight is not None},
            muted=self.cleaned_data["muted"],
            captions_only=self.cleaned_data["captions_only"],
        )

    def _question_group(self, title: str, description: str, traits: Sequence[Trait]) -> ProfileQuestionGroup:
        questions = [
            ProfileQuestion(self[f"traits.{trait.key}"], self[f"matters.{trait.key}"]) for trait in traits
        ]
        answered_count = sum(question.answer.value() not in EMPTY_ANSWERS for question in questions)
        has_errors = any(question.answer.errors or question.weight.errors for question in questions)
        return ProfileQuestionGroup(title, description, questions, answered_count, has_errors)


class DisplayNameForm(AccessibleForm):
    handle = forms.CharField(
        label=_("Display name"),
        help_text=_(
            "Others see it with your stories. It does not have to be your real name. If you leave it blank, we show “Somebody”."
        ),
        required=False,
        max_length=MAX_LENGTH,
    )
