"""The traits of the catalogue: check what people answer, and read it back as matching compares it."""

from collections.abc import Mapping

from accounts.questions import EVERYDAY, IDENTITY, INNER
from matching.traits import Answer, BadAnswer, TraitCatalogue

CATALOGUE = TraitCatalogue([*EVERYDAY, *INNER, *IDENTITY])


class BadTrait(ValueError):
    """An answer that the catalogue does not allow; `field` is its path in what was sent."""

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{problem} {fix}")
        self.field, self.problem, self.fix = field, problem, fix


def clean(answers: Mapping[str, object], *, field: str = "traits") -> dict[str, float | str | list[str]]:
    """Return the answers as they are stored, in catalogue order, open ones left out. Raises BadTrait."""
    try:
        return CATALOGUE.plain(CATALOGUE.clean(answers))
    except BadAnswer as error:
        raise BadTrait(f"{field}.{error.trait_key}", error.problem, error.fix) from error


def read(stored: Mapping[str, object]) -> dict[str, Answer]:
    """Return stored answers as matching compares them; what today's catalogue no longer knows counts as open."""
    known = ((key, _known(key, stored[key])) for key in stored if key in CATALOGUE)
    return {key: answer for key, answer in known if answer is not None}


def _known(key: str, stored: object) -> Answer | None:
    try:
        return CATALOGUE[key].clean(stored)
    except BadAnswer:
        return None
