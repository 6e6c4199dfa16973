import pytest

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers, validate_answers
from matching.traits import Trait


def test_about_twenty_traits_are_asked_for() -> None:
    assert 18 <= len(TRAIT_CATALOGUE) <= 24


def test_only_what_is_identity_is_marked_so() -> None:
    assert {trait.key for trait in TRAIT_CATALOGUE if trait.identity} == {"gender", "disability", "faith"}


@pytest.mark.parametrize("trait", TRAIT_CATALOGUE, ids=lambda trait: trait.key)
def test_every_question_is_a_question(trait: Trait) -> None:
    assert trait.question.endswith("?")


def test_an_answer_that_the_catalogue_no_longer_knows_counts_as_open() -> None:
    assert parse_stored_answers({"age": 40, "shoe_size": 44, "living": "in a tower"}) == {"age": 40}


def test_stored_answers_can_be_read_back() -> None:
    stored = validate_answers({"interests": ["music", "food"], "age": 40})

    assert stored == {"age": 40, "interests": ["food", "music"]}
    assert parse_stored_answers(stored)["interests"] == frozenset({"music", "food"})
