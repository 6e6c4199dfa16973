"""The traits of the catalogue: check what people answer, and read it back as matching compares it."""

from collections.abc import Mapping

from accounts.traits import EVERYDAY, IDENTITY, PSYCHOLOGICAL
from matching.traits import Answer, BadAnswer, TraitCatalogue

TRAIT_CATALOGUE = TraitCatalogue([*EVERYDAY, *PSYCHOLOGICAL, *IDENTITY])


class BadTrait(ValueError):
    """An answer that the catalogue does not allow; `field` is its path in what was sent."""

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{problem} {fix}")
        self.field, self.problem, self.fix = field, problem, fix


def validate_answers(
    answers: Mapping[str, object], *, field: str = "traits"
) -> dict[str, float | str | list[str]]:
    """Return the answers as they are stored, in catalogue order, open ones left out. Raises BadTrait."""
    try:
        return TRAIT_CATALOGUE.answers_to_json(TRAIT_CATALOGUE.clean(answers))
    except BadAnswer as error:
        raise BadTrait(f"{field}.{error.trait_key}", error.problem, error.fix) from error


def parse_stored_answers(stored: Mapping[str, object]) -> dict[str, Answer]:
    """Return stored answers as matching compares them; what today's catalogue no longer knows counts as open."""
    known = ((key, _parse_answer_or_none(key, stored[key])) for key in stored if key in TRAIT_CATALOGUE)
    return {key: answer for key, answer in known if answer is not None}


def _parse_answer_or_none(key: str, stored: object) -> Answer | None:
    try:
        return TRAIT_CATALOGUE[key].clean(stored)
    except BadAnswer:
        return None
