"""The trait catalogue: validates answers for storage and parses stored answers."""

from collections.abc import Mapping

from accounts.traits import EVERYDAY, IDENTITY, PERSONAL
from domain_errors.categories import FieldError
from matching.traits import Answer, InvalidAnswer, TraitCatalogue

TRAIT_CATALOGUE = TraitCatalogue([*EVERYDAY, *PERSONAL, *IDENTITY])


class InvalidTrait(FieldError, ValueError):
    """An answer that the catalogue does not allow; `field` is its path in the request."""


def validate_answers(
    answers: Mapping[str, object], *, field: str = "traits"
) -> dict[str, float | str | list[str]]:
    """Return the answers in their stored form and catalogue order, without open ones. Raises InvalidTrait."""
    try:
        return TRAIT_CATALOGUE.answers_to_json(TRAIT_CATALOGUE.clean(answers))
    except InvalidAnswer as error:
        raise InvalidTrait(f"{field}.{error.trait_key}", error.problem, error.fix) from error


def parse_stored_answers(stored: Mapping[str, object]) -> dict[str, Answer]:
    """Return answers in the form that matching compares; answers that the catalogue no longer allows are dropped."""
    parsed = ((key, _parse_answer_or_none(key, stored[key])) for key in stored if key in TRAIT_CATALOGUE)
    return {key: answer for key, answer in parsed if answer is not None}


def _parse_answer_or_none(key: str, stored: object) -> Answer | None:
    try:
        return TRAIT_CATALOGUE[key].clean(stored)
    except InvalidAnswer:
        return None
