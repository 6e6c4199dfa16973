"""Who the teller was when the story starts: every question is optional, and shown to others only if ticked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.questions import EVERYDAY, IDENTITY, INNER
from accounts.traits import CATALOGUE
from matching.traits import Trait
from stories.models import Story
from stories.telling import StoryDraft
from web.forms.asking import answer_to
from web.forms.versions import VersionedForm

OPEN: tuple[object, ...] = (None, "", [])  # how a number, a choice and several choices are left open


@dataclass(frozen=True)
class Question:
    """One trait on the page: the answer, and whether others may see it."""

    answer: forms.BoundField
    shown: forms.BoundField


@dataclass(frozen=True)
class Group:
    """Questions that belong together under one heading."""

    title: str
    words: str
    questions: Sequence[Question]


class ThenForm(VersionedForm):
    """An answer and a tick for each trait of the catalogue, under the names that the draft uses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for trait in CATALOGUE:
            self.fields[f"traits_then.{trait.key}"] = answer_to(trait)
            self.fields[f"shown_traits.{trait.key}"] = forms.BooleanField(
                label="Show this beside my story", required=False
            )

    @staticmethod
    def answers_of(story: Story) -> dict[str, Any]:
        """Return what the form shows at first."""
        answers = {f"traits_then.{key}": answer for key, answer in story.traits_then.items()}
        return {
            "seen": story.version,
            **answers,
            **{f"shown_traits.{key}": True for key in story.shown_traits},
        }

    @property
    def groups(self) -> Iterator[Group]:
        yield self._group(
            "Your days then", "What everyday life was like at the start of your story.", EVERYDAY
        )
        yield self._group("You and this kind of thing", "How you were then, and what got in the way.", INNER)
        yield self._group(
            "Who you are",
            "Nobody guesses these. They only count for viewers who say that they matter to them.",
            IDENTITY,
        )

    def draft(self) -> StoryDraft:
        return StoryDraft(
            traits_then={
                key: answer for key, answer in self._posted("traits_then").items() if answer not in OPEN
            },
            shown_traits=[key for key, ticked in self._posted("shown_traits").items() if ticked],
        )

    def _group(self, title: str, words: str, traits: Sequence[Trait]) -> Group:
        questions = [
            Question(self[f"traits_then.{one.key}"], self[f"shown_traits.{one.key}"]) for one in traits
        ]
        return Group(title, words, questions)

    def _posted(self, group: str) -> Mapping[str, Any]:
        return {
            name.removeprefix(f"{group}."): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{group}.")
        }
