"""The vocabulary: what may be asked, which answers there are, and how alike two answers are.

A trait is numeric, ordinal, a category or a set. Every answer a person gives passes through
`TraitCatalogue.clean`, so the rest of the package only ever sees values that the catalogue knows.
This module imports nothing heavy: people and stories share it without paying for scikit-learn.
"""

from collections.abc import Iterable, Iterator, Mapping

from matching.traits.templates import BadTemplate, SentenceTemplates
from matching.traits.types import (
    Answer,
    Answers,
    BadAnswer,
    BadCatalogue,
    CategoryTrait,
    NumericTrait,
    OrdinalTrait,
    SetTrait,
    Trait,
)

__all__ = [
    "Answer",
    "Answers",
    "BadAnswer",
    "BadCatalogue",
    "BadTemplate",
    "CategoryTrait",
    "NumericTrait",
    "OrdinalTrait",
    "SentenceTemplates",
    "SetTrait",
    "Trait",
    "TraitCatalogue",
]


class TraitCatalogue:
    """Every trait there is, in the order in which people are asked.

    Raises
    ------
    BadCatalogue
        If there is no trait, or two share a key.
    """

    def __init__(self, traits: Iterable[Trait]) -> None:
        ordered = tuple(traits)
        if not ordered:
            raise BadCatalogue("a catalogue needs at least one trait")
        self._traits: Mapping[str, Trait] = {trait.key: trait for trait in ordered}
        if len(self._traits) != len(ordered):
            raise BadCatalogue("two traits share a key")

    def __iter__(self) -> Iterator[Trait]:
        return iter(self._traits.values())

    def __len__(self) -> int:
        return len(self._traits)

    def __contains__(self, key: object) -> bool:
        return key in self._traits

    def __getitem__(self, key: str) -> Trait:
        return self._traits[key]

    def clean(self, answers: Mapping[str, object]) -> dict[str, Answer]:
        """Check a JSON-like mapping and give the answers in catalogue order, without what was left open.

        Raises
        ------
        BadAnswer
            For the first key or value that the catalogue does not know.
        """
        for key in answers:
            if key not in self._traits:
                raise BadAnswer(str(key), "There is no such question.", "Leave it out.")
        cleaned = ((key, trait.clean(answers[key])) for key, trait in self._traits.items() if key in answers)
        return {key: answer for key, answer in cleaned if answer is not None}

    def answers_to_json(self, answers: Answers) -> dict[str, float | str | list[str]]:
        """Give clean answers in a form that JSON can hold; `clean` takes it back unchanged."""
        return {key: self._traits[key].answer_to_json(answer) for key, answer in answers.items()}
