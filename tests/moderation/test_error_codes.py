import pytest

from domain_errors.categories import DomainError
from moderation.policy import CannotReviewOwnStory, NotAReviewer, NotInReview, ReservedForAnotherReviewer
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim

# Written out, because clients of the API rely on the codes.
CODES: list[tuple[type[DomainError], str]] = [
    (NotAReviewer, "not_a_reviewer"),
    (CannotReviewOwnStory, "own_story"),
    (NotInReview, "not_in_review"),
    (ReservedForAnotherReviewer, "for_another_reviewer"),
    (StaleClaim, "claim_lost"),
    (ClaimedByAnotherReviewer, "held_by_somebody_else"),
]


@pytest.mark.parametrize(("error", "code"), CODES)
def test_the_code_of_an_error_stays_the_same(error: type[DomainError], code: str) -> None:
    assert error.code == code


@pytest.mark.parametrize("error", [error for error, _ in CODES if error is not NotInReview])
def test_an_error_has_a_sentence_for_the_reviewer(error: type[DomainError]) -> None:
    sentence = str(error.message)

    assert sentence[0].isupper()
    assert sentence.endswith(".")
