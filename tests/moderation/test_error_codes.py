import pytest

from domain_errors.categories import DomainError
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from moderation.review_permissions import (
    CannotReviewOwnStory,
    NotAReviewer,
    NotInReview,
    ReservedForAnotherReviewer,
)

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
def test_the_message_of_an_error_is_a_sentence(error: type[DomainError]) -> None:
    message = str(error.message)

    assert message[0].isupper()
    assert message.endswith(".")
