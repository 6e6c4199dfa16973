"""Who the teller was when the story starts: every question is optional, and shown to others only if ticked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.traits import EVERYDAY, IDENTITY, PERSONAL
from accounts.traits.translation import translated_catalogue
from matching.traits.catalogue import Trait
from stories.drafts import StoryDraft
from stories.models import Story
from web.forms.base import VersionedForm
from web.forms.trait_fields import field_for_trait

EMPTY_ANSWERS: tuple[object, ...] = (None, "", [])  # how a number, a choice and several choices are left open


@dataclass(frozen=True)
class ThenSelfQuestion:
    """One trait on the page: the answer, and whether others may see it."""

    answer: forms.BoundField
    shown: forms.BoundField


@dataclass(frozen=True)
class ThenSelfQuestionGroup:
    """Questions that belong together under one heading."""

    title: str
    description: str
    questions: Sequence[ThenSelfQuestion]


class ThenSelfForm(VersionedForm):
    """An answer and a tick for each trait of the catalogue, under the names that the draft uses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait in translated_catalogue():
            self.fields[f"traits_then.{trait.key}"] = field_for_trait(trait)
            self.fields[f"shown_traits.{trait.key}"] = forms.BooleanField(
                label="Show this beside my story", required=False
            )

    @staticmethod
    def initial_for(story: Story) -> dict[str, Any]:
        """Return what the form shows at first."""
        answers = {f"traits_then.{key}": answer for key, answer in story.traits_then.items()}
        return {
            "seen": story.version,
            **answers,
            **{f"shown_traits.{key}": True for key in story.shown_traits},
        }

    @property
    def question_groups(self) -> Iterator[ThenSelfQuestionGroup]:
        yield self._question_group(
            "Your days then", "What everyday life was like at the start of your story.", EVERYDAY
        )
        yield self._question_group(
            "You and this kind of thing", "How you were then, and what got in the way.", PERSONAL
        )
        yield self._question_group(
            "Who you are",
            "Nobody guesses these. They only count for viewers who say that they matter to them.",
            IDENTITY,
        )

    def story_draft(self) -> StoryDraft:
        return StoryDraft(
            traits_then={
                key: answer
                for key, answer in self._submitted_values("traits_then").items()
                if answer not in EMPTY_ANSWERS
            },
            shown_traits=[key for key, ticked in self._submitted_values("shown_traits").items() if ticked],
        )

    def _question_group(self, title: str, words: str, traits: Sequence[Trait]) -> ThenSelfQuestionGroup:
        questions = [
            ThenSelfQuestion(self[f"traits_then.{one.key}"], self[f"shown_traits.{one.key}"])
            for one in traits
        ]
        return ThenSelfQuestionGroup(title, words, questions)

    def _submitted_values(self, group: str) -> Mapping[str, Any]:
        return {
            name.removeprefix(f"{group}."): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{group}.")
        }
