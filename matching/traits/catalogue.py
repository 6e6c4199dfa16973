from collections.abc import Iterable, Iterator, Mapping

from matching.traits.types import Answer, Answers, InvalidAnswer, InvalidCatalogue, Trait


class TraitCatalogue:
    """All traits, in the order in which people are asked.

    Raises
    ------
    InvalidCatalogue
        If there is no trait, or two share a key.
    """

    def __init__(self, traits: Iterable[Trait]) -> None:
        ordered = tuple(traits)
        if not ordered:
            raise InvalidCatalogue("a catalogue needs at least one trait")
        self._traits: Mapping[str, Trait] = {trait.key: trait for trait in ordered}
        if len(self._traits) != len(ordered):
            raise InvalidCatalogue("two traits share a key")

    def __iter__(self) -> Iterator[Trait]:
        return iter(self._traits.values())

    def __len__(self) -> int:
        return len(self._traits)

    def __contains__(self, key: object) -> bool:
        return key in self._traits

    def __getitem__(self, key: str) -> Trait:
        return self._traits[key]

    def clean(self, answers: Mapping[str, object]) -> dict[str, Answer]:
        """Validate a JSON-like mapping; return the answers in catalogue order, without unanswered traits.

        Raises
        ------
        InvalidAnswer
            For the first unknown key or value.
        """
        for key in answers:
            if key not in self._traits:
                raise InvalidAnswer(str(key), "There is no such question.", "Leave it out.")
        cleaned = ((key, trait.clean(answers[key])) for key, trait in self._traits.items() if key in answers)
        return {key: answer for key, answer in cleaned if answer is not None}

    def answers_to_json(self, answers: Answers) -> dict[str, float | str | list[str]]:
        return {key: self._traits[key].answer_to_json(answer) for key, answer in answers.items()}
