import pytest

from practice.confidence_change import ConfidenceChange
from practice.models import AttemptResult, Attribution
from web.feedback import attempt_feedback, confidence_change_feedback


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (30, 42, "You feel surer than before"),
        (30, 35, "You feel surer than before"),
        (30, 34, "You feel about as sure as before"),
        (30, 30, "You feel about as sure as before"),
        (30, 26, "You feel about as sure as before"),
        (30, 25, "You feel less sure than before"),
        (90, 10, "You feel less sure than before"),
    ],
)
def test_heading_matches_the_size_of_the_change(before: float, after: float, title: str) -> None:
    assert confidence_change_feedback(ConfidenceChange(before, after)).title == title


def test_help_is_offered_only_when_confidence_drops() -> None:
    assert confidence_change_feedback(ConfidenceChange(50, 30)).offer_help
    assert not confidence_change_feedback(ConfidenceChange(50, 50)).offer_help
    assert not confidence_change_feedback(ConfidenceChange(30, 50)).offer_help


@pytest.mark.parametrize("went", AttemptResult.values)
@pytest.mark.parametrize("attribution", ["", *Attribution.values])
def test_attempt_feedback_never_blames_the_person(went: str, attribution: str) -> None:
    feedback = attempt_feedback(went, attribution)
    assert feedback.title
    assert "you failed" not in feedback.text.lower()


def test_attribution_to_ability_is_answered_with_the_method() -> None:
    feedback = attempt_feedback(AttemptResult.DID_NOT_WORK, Attribution.ABILITY)
    assert "this way of doing it did not work" in feedback.text
