"""Form for who the teller was when the story starts; every answer is optional and private unless it is ticked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.traits import EVERYDAY, IDENTITY, PERSONAL
from accounts.traits.translation import translated_catalogue
from matching.traits import Trait
from stories.draft_validation import StoryDraft
from stories.models import Story
from web.forms.base import VersionedForm
from web.forms.trait_fields import EMPTY_ANSWERS, field_for_trait, submitted_by_prefix


@dataclass(frozen=True)
class ThenSelfQuestion:
    """A trait's answer, and whether viewers may see it."""

    answer: forms.BoundField
    shown: forms.BoundField


@dataclass(frozen=True)
class ThenSelfQuestionGroup:
    title: str
    description: str
    questions: Sequence[ThenSelfQuestion]


class ThenSelfForm(VersionedForm):
    """An answer and a tick box for each trait, in fields `traits_then.<key>` and `shown_traits.<key>`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait in translated_catalogue():
            self.fields[f"traits_then.{trait.key}"] = field_for_trait(trait)
            self.fields[f"shown_traits.{trait.key}"] = forms.BooleanField(
                label=_("Show this with my story"), required=False
            )

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        answers = {f"traits_then.{key}": answer for key, answer in story.traits_then.items()}
        return {
            "seen": story.version,
            **answers,
            **{f"shown_traits.{key}": True for key in story.shown_traits},
        }

    @property
    def question_groups(self) -> Iterator[ThenSelfQuestionGroup]:
        yield self._question_group(
            gettext("Your everyday life then"),
            gettext("What your days were like when your story started."),
            EVERYDAY,
        )
        yield self._question_group(
            gettext("You and this kind of challenge"),
            gettext("How you felt about it then, and what got in the way."),
            PERSONAL,
        )
        yield self._question_group(
            gettext("Who you are"),
            gettext("We never guess these. They only count for viewers who say that they matter to them."),
            IDENTITY,
        )

    def story_draft(self) -> StoryDraft:
        answers = submitted_by_prefix(self.cleaned_data, "traits_then")
        ticks = submitted_by_prefix(self.cleaned_data, "shown_traits")
        return StoryDraft(
            traits_then={key: answer for key, answer in answers.items() if answer not in EMPTY_ANSWERS},
            shown_traits=[key for key, ticked in ticks.items() if ticked],
        )

    def _question_group(self, title: str, description: str, traits: Sequence[Trait]) -> ThenSelfQuestionGroup:
        questions = [
            ThenSelfQuestion(self[f"traits_then.{trait.key}"], self[f"shown_traits.{trait.key}"])
            for trait in traits
        ]
        return ThenSelfQuestionGroup(title, description, questions)
