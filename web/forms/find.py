"""What a viewer fills in: how sure they are, what is true for them, one small step, and how it went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.handles import LONGEST
from accounts.models import Profile
from accounts.notes import ContentNote
from accounts.profiles import ProfileChange
from accounts.questions import EVERYDAY, IDENTITY, INNER
from accounts.traits import CATALOGUE
from challenges.models import Rung
from matching.traits import Trait
from practice.models import LIKE_ME_MOST, Attribution, Went
from practice.wording import LONGEST as LONGEST_WORDS
from web.forms.asking import answer_to
from web.forms.versions import Problem, SpokenForm, first_id, offer

SURE = [(value, str(value)) for value in range(0, 101, 10)]
LIKE_ME = [(value, str(value)) for value in range(LIKE_ME_MOST + 1)]
NOT_RATED = "Choose a number; a guess is fine."
COUNTS = [(0, "not at all"), (1, "as much as the rest"), (2, "more than the rest"), (4, "most of all")]
USUAL_WEIGHT = 1
OPEN: tuple[object, ...] = (None, "", [])  # how a number, a choice and several choices are left open


class LadderForm(SpokenForm):
    """One number from 0 to 100 for each rung, under the names that a reading uses; none is chosen beforehand."""

    def __init__(self, rungs: Sequence[Rung], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.positions = [rung.position for rung in rungs]
        for rung in rungs:
            self.fields[f"ratings.{rung.position}"] = forms.TypedChoiceField(
                label=rung.text,
                choices=SURE,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": NOT_RATED},
            )

    @property
    def rungs(self) -> Iterator[forms.BoundField]:
        return (self[f"ratings.{position}"] for position in self.positions)

    @property
    def ratings(self) -> dict[int, int]:
        return {position: self.cleaned_data[f"ratings.{position}"] for position in self.positions}

    @property
    def problems(self) -> list[Problem]:
        """Return every error by the number of its step, so that seven of them can be taken in at a glance."""
        found = [Problem(str(words)) for words in self.non_field_errors()]
        for position in self.positions:
            field = self[f"ratings.{position}"]
            found += [Problem(f"Step {position}: {words}", first_id(field)) for words in field.errors]
        return found


class BeforeForm(LadderForm):
    """The ladder, and what somebody may want to say about it in their own words."""

    words = forms.CharField(
        label="What is it like for you? (You may leave this open.)",
        help_text="A sentence or two. Nobody reads it: it only helps to choose stories, and is gone once you empty it.",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def problems(self) -> list[Problem]:
        words = self["words"]
        return [*super().problems, *(Problem(str(problem), first_id(words)) for problem in words.errors)]


class AfterForm(LadderForm):
    """The ladder once more, and how much the viewer saw themselves in the story."""

    like_me = forms.TypedChoiceField(
        label="This person is like me",
        choices=LIKE_ME,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


@dataclass(frozen=True)
class Question:
    """One trait on the page: the answer, and how much likeness in it should count."""

    answer: forms.BoundField
    weight: forms.BoundField


@dataclass(frozen=True)
class Group:
    """Questions that belong together under one heading."""

    title: str
    words: str
    questions: Sequence[Question]
    answered: int
    wrong: bool


class AboutYouForm(SpokenForm):
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
        for trait in CATALOGUE:
            self.fields[f"traits.{trait.key}"] = answer_to(trait)
            self.fields[f"matters.{trait.key}"] = forms.TypedChoiceField(
                label=trait.label.capitalize(),
                choices=COUNTS,
                coerce=int,
                empty_value=None,
                required=False,
            )

    @staticmethod
    def answers_of(profile: Profile) -> dict[str, Any]:
        """Return what the form shows at first; identity counts for nothing until somebody says otherwise."""
        weights = {trait.key: 0 if trait.identity else USUAL_WEIGHT for trait in CATALOGUE}
        return {
            "muted": profile.muted,
            "captions_only": profile.captions_only,
            **{f"traits.{key}": answer for key, answer in profile.traits.items()},
            **{f"matters.{key}": weight for key, weight in {**weights, **profile.matters}.items()},
        }

    @property
    def groups(self) -> Iterator[Group]:
        yield self._group("Your days", "What everyday life is like for you now.", EVERYDAY)
        yield self._group("You and this kind of thing", "How you are, and what gets in the way.", INNER)
        yield self._group(
            "Who you are",
            "Nobody guesses these. They count for nothing unless you answer and say that they should.",
            IDENTITY,
        )

    def change(self) -> ProfileChange:
        return ProfileChange(
            traits={key: answer for key, answer in self._sent("traits").items() if answer not in OPEN},
            matters={key: weight for key, weight in self._sent("matters").items() if weight is not None},
            muted=self.cleaned_data["muted"],
            captions_only=self.cleaned_data["captions_only"],
        )

    def _group(self, title: str, words: str, traits: Sequence[Trait]) -> Group:
        questions = [Question(self[f"traits.{one.key}"], self[f"matters.{one.key}"]) for one in traits]
        answered = sum(question.answer.value() not in OPEN for question in questions)
        wrong = any(question.answer.errors or question.weight.errors for question in questions)
        return Group(title, words, questions, answered, wrong)

    def _sent(self, part: str) -> Mapping[str, Any]:
        return {
            name.removeprefix(f"{part}."): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{part}.")
        }


class HandleForm(SpokenForm):
    """The name that others see beside one's stories."""

    handle = forms.CharField(
        label="The name that others see",
        help_text="It need not be your own. Left empty, your stories are told by “Somebody”.",
        required=False,
        max_length=LONGEST,
    )


class StepForm(SpokenForm):
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
        offer(self, "rung", [(rung.position, f"{rung.position}. {rung.text}") for rung in rungs])


class WentForm(SpokenForm):
    """How a step went, and what the person puts it down to."""

    went = forms.ChoiceField(
        label="How did it go?",
        choices=Went.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it went."},
    )
    attribution = forms.ChoiceField(
        label="What do you put that down to? (You may leave this open.)",
        choices=Attribution.choices,
        required=False,
        widget=forms.RadioSelect,
    )
