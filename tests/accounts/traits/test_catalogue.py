import pytest

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers, validate_answers
from matching.traits import Trait


def test_catalogue_has_about_twenty_traits() -> None:
    assert 18 <= len(TRAIT_CATALOGUE) <= 24


def test_identity_traits_are_gender_disability_and_faith() -> None:
    assert {trait.key for trait in TRAIT_CATALOGUE if trait.identity} == {"gender", "disability", "faith"}


@pytest.mark.parametrize("trait", TRAIT_CATALOGUE, ids=lambda trait: trait.key)
def test_every_question_ends_with_a_question_mark(trait: Trait) -> None:
    assert trait.question.endswith("?")


def test_parsing_drops_answers_that_the_catalogue_no_longer_allows() -> None:
    assert parse_stored_answers({"age": 40, "shoe_size": 44, "living": "in a tower"}) == {"age": 40}


def test_stored_answers_survive_a_round_trip() -> None:
    stored = validate_answers({"interests": ["music", "food"], "age": 40})

    assert stored == {"age": 40, "interests": ["food", "music"]}
    assert parse_stored_answers(stored)["interests"] == frozenset({"music", "food"})
