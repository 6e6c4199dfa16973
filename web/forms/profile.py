"""What a viewer fills in: how sure they are, what is true for them, one small step, and how it went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.content_notes import ContentNote
from accounts.display_names import MAX_LENGTH
from accounts.models import Profile
from accounts.profiles import ProfileChange
from accounts.traits import EVERYDAY, IDENTITY, PERSONAL
from accounts.traits.catalogue import TRAIT_CATALOGUE
from accounts.traits.translation import translated_catalogue
from challenges.models import Rung
from matching.traits.catalogue import Trait
from practice.models import MAX_LIKE_ME, AttemptResult, Attribution
from recommendations.free_text import MAX_FREE_TEXT_LENGTH as LONGEST_WORDS
from web.forms.base import AccessibleForm, FormError, first_input_id, set_field_choices
from web.forms.trait_fields import field_for_trait

CONFIDENCE_CHOICES = [(value, str(value)) for value in range(0, 101, 10)]
LIKE_ME_CHOICES = [(value, str(value)) for value in range(MAX_LIKE_ME + 1)]
RATING_REQUIRED_MESSAGE = "Choose a number; a guess is fine."
WEIGHT_CHOICES = [
    (0, "not at all"),
    (1, "as much as the rest"),
    (2, "more than the rest"),
    (4, "most of all"),
]
DEFAULT_WEIGHT = 1
EMPTY_ANSWERS: tuple[object, ...] = (None, "", [])  # how a number, a choice and several choices are left open


class ConfidenceRatingForm(AccessibleForm):
    """One number from 0 to 100 for each rung, under the names that a reading uses; none is chosen beforehand."""

    def __init__(self, rungs: Sequence[Rung], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.positions = [rung.position for rung in rungs]
        for rung in rungs:
            self.fields[f"ratings.{rung.position}"] = forms.TypedChoiceField(
                label=rung.translated_text,
                choices=CONFIDENCE_CHOICES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": RATING_REQUIRED_MESSAGE},
            )

    @property
    def rung_fields(self) -> Iterator[forms.BoundField]:
        return (self[f"ratings.{position}"] for position in self.positions)

    @property
    def ratings(self) -> dict[int, int]:
        return {position: self.cleaned_data[f"ratings.{position}"] for position in self.positions}

    @property
    def error_summary(self) -> list[FormError]:
        """Return every error by the number of its step, so that seven of them can be taken in at a glance."""
        found = [FormError(str(words)) for words in self.non_field_errors()]
        for position in self.positions:
            field = self[f"ratings.{position}"]
            found += [FormError(f"Step {position}: {words}", first_input_id(field)) for words in field.errors]
        return found


class BeforeRatingForm(ConfidenceRatingForm):
    """The ladder, and what somebody may want to say about it in their own words."""

    words = forms.CharField(
        label="What is it like for you? (You may leave this open.)",
        help_text="A sentence or two. Nobody reads it: it only helps to choose stories, and is gone once you empty it.",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def error_summary(self) -> list[FormError]:
        words = self["words"]
        return [
            *super().error_summary,
            *(FormError(str(problem), first_input_id(words)) for problem in words.errors),
        ]


class AfterRatingForm(ConfidenceRatingForm):
    """The ladder once more, and how much the viewer saw themselves in the story."""

    like_me = forms.TypedChoiceField(
        label="This person is like me",
        choices=LIKE_ME_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


@dataclass(frozen=True)
class ProfileQuestion:
    """One trait on the page: the answer, and how much likeness in it should count."""

    answer: forms.BoundField
    weight: forms.BoundField


@dataclass(frozen=True)
class ProfileQuestionGroup:
    """Questions that belong together under one heading."""

    title: str
    description: str
    questions: Sequence[ProfileQuestion]
    answered_count: int
    has_errors: bool


class ProfileForm(AccessibleForm):
    """Everything a person may say about themselves; each part may stay open."""

    muted = forms.MultipleChoiceField(
        label="Never show me stories with",
        choices=ContentNote.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    captions_only = forms.BooleanField(label="Only show me stories that have captions", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait in translated_catalogue():
            self.fields[f"traits.{trait.key}"] = field_for_trait(trait)
            self.fields[f"matters.{trait.key}"] = forms.TypedChoiceField(
                label=trait.label.capitalize(),
                choices=WEIGHT_CHOICES,
                coerce=int,
                empty_value=None,
                required=False,
            )

    @staticmethod
    def initial_for(profile: Profile) -> dict[str, Any]:
        """Return what the form shows at first; identity counts for nothing until somebody says otherwise."""
        weights = {trait.key: 0 if trait.identity else DEFAULT_WEIGHT for trait in TRAIT_CATALOGUE}
        return {
            "muted": profile.muted,
            "captions_only": profile.captions_only,
            **{f"traits.{key}": answer for key, answer in profile.traits.items()},
            **{f"matters.{key}": weight for key, weight in {**weights, **profile.matters}.items()},
        }

    @property
    def question_groups(self) -> Iterator[ProfileQuestionGroup]:
        yield self._question_group("Your days", "What everyday life is like for you now.", EVERYDAY)
        yield self._question_group(
            "You and this kind of thing", "How you are, and what gets in the way.", PERSONAL
        )
        yield self._question_group(
            "Who you are",
            "Nobody guesses these. They count for nothing unless you answer and say that they should.",
            IDENTITY,
        )

    def profile_change(self) -> ProfileChange:
        return ProfileChange(
            traits={
                key: answer
                for key, answer in self._submitted_values("traits").items()
                if answer not in EMPTY_ANSWERS
            },
            matters={
                key: weight for key, weight in self._submitted_values("matters").items() if weight is not None
            },
            muted=self.cleaned_data["muted"],
            captions_only=self.cleaned_data["captions_only"],
        )

    def _question_group(self, title: str, words: str, traits: Sequence[Trait]) -> ProfileQuestionGroup:
        questions = [ProfileQuestion(self[f"traits.{one.key}"], self[f"matters.{one.key}"]) for one in traits]
        answered = sum(question.answer.value() not in EMPTY_ANSWERS for question in questions)
        wrong = any(question.answer.errors or question.weight.errors for question in questions)
        return ProfileQuestionGroup(title, words, questions, answered, wrong)

    def _submitted_values(self, part: str) -> Mapping[str, Any]:
        return {
            name.removeprefix(f"{part}."): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{part}.")
        }


class DisplayNameForm(AccessibleForm):
    """The name that others see beside one's stories."""

    handle = forms.CharField(
        label="The name that others see",
        help_text="It need not be your own. Left empty, your stories are told by “Somebody”.",
        required=False,
        max_length=MAX_LENGTH,
    )


class StepForm(AccessibleForm):
    """One small step, in the person's own words."""

    text = forms.CharField(
        label="What will you try?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words what you will try."},
    )
    rung = forms.TypedChoiceField(label="Which step of the ladder is it about?", coerce=int)

    def __init__(self, rungs: Sequence[Rung], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_field_choices(
            self, "rung", [(rung.position, f"{rung.position}. {rung.translated_text}") for rung in rungs]
        )


class AttemptForm(AccessibleForm):
    """How a step went, and what the person puts it down to."""

    went = forms.ChoiceField(
        label="How did it go?",
        choices=AttemptResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it went."},
    )
    attribution = forms.ChoiceField(
        label="What do you put that down to? (You may leave this open.)",
        choices=Attribution.choices,
        required=False,
        widget=forms.RadioSelect,
    )
