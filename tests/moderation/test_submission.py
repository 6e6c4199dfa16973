from dataclasses import replace

import pytest

from moderation import submission
from moderation.models import MAX_NOTE_LENGTH, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from moderation.submission import MAX_REASONS, InvalidReview, ReasonsMissing, ReviewSubmission
from tests.moderation.scenarios import ALL_YES_RUBRIC

APPROVING_SUBMISSION = ReviewSubmission("token", 3, "a" * 64, rubric=ALL_YES_RUBRIC)
DECLINING_SUBMISSION = ReviewSubmission("token", 3, "a" * 64, reasons=["setback_missing"])
ESCALATING_SUBMISSION = ReviewSubmission(
    "token", 3, "a" * 64, note_to_colleagues="A child may be in danger, see 0:40."
)
COMPLETE_SUBMISSIONS = {
    Verdict.APPROVE: APPROVING_SUBMISSION,
    Verdict.CHANGES: DECLINING_SUBMISSION,
    Verdict.DECLINE: DECLINING_SUBMISSION,
    Verdict.ESCALATE: ESCALATING_SUBMISSION,
}


@pytest.mark.parametrize("verdict", Verdict)
def test_a_complete_submission_is_valid(verdict: Verdict) -> None:
    submission.validate_submission(verdict, COMPLETE_SUBMISSIONS[verdict])


@pytest.mark.parametrize("verdict", [Verdict.CHANGES, Verdict.DECLINE])
def test_declining_and_requesting_changes_need_a_reason(verdict: Verdict) -> None:
    with pytest.raises(ReasonsMissing) as error:
        submission.validate_submission(
            verdict, replace(DECLINING_SUBMISSION, reasons=[], note_to_teller="Not quite.")
        )
    assert error.value.field == "reasons"
    assert error.value.problem
    assert error.value.fix


@pytest.mark.parametrize("answer", [RubricAnswer.NO, RubricAnswer.UNSURE, None])
@pytest.mark.parametrize("item", RubricItem)
def test_an_approval_needs_yes_for_every_rubric_item(item: RubricItem, answer: RubricAnswer | None) -> None:
    answers = {key: value for key, value in ALL_YES_RUBRIC.items() if key != item}
    if answer is not None:
        answers[item.value] = answer.value

    with pytest.raises(InvalidReview) as error:
        submission.validate_submission(Verdict.APPROVE, replace(APPROVING_SUBMISSION, rubric=answers))
    assert error.value.field == f"rubric.{item.value}"
    assert str(item.label) in error.value.problem
    assert error.value.fix


def test_declining_does_not_need_every_rubric_item() -> None:
    submission.validate_submission(
        Verdict.DECLINE, replace(DECLINING_SUBMISSION, rubric={"honest_setback": "no"})
    )


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("rubric.charm", {"rubric": {**ALL_YES_RUBRIC, "charm": "yes"}}),
        ("rubric.own_story", {"rubric": {**ALL_YES_RUBRIC, "own_story": "perhaps"}}),
        ("reasons", {"reasons": ["setback_missing", "boring"]}),
        ("reasons", {"reasons": ["setback_missing", "setback_missing"]}),
        ("reasons", {"reasons": list(DECISION_REASONS)[: MAX_REASONS + 1]}),
        ("note_to_teller", {"note_to_teller": "a" * (MAX_NOTE_LENGTH + 1)}),
        ("note_to_colleagues", {"note_to_colleagues": "a" * (MAX_NOTE_LENGTH + 1)}),
    ],
)
def test_an_invalid_value_is_refused_with_its_field_name(
    verdict: Verdict, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidReview) as error:
        submission.validate_submission(verdict, replace(COMPLETE_SUBMISSIONS[verdict], **changes))  # type: ignore[arg-type]  # wrong on purpose
    assert error.value.field == field
    assert error.value.problem
    assert error.value.fix


def test_an_approval_with_reasons_is_refused() -> None:
    with pytest.raises(InvalidReview) as error:
        submission.validate_submission(
            Verdict.APPROVE, replace(APPROVING_SUBMISSION, reasons=["setback_missing"])
        )
    assert error.value.field == "reasons"
    assert error.value.problem
    assert error.value.fix


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("note_to_colleagues", {"note_to_colleagues": "  "}),
        ("note_to_teller", {"note_to_teller": "Somebody else will look."}),
    ],
)
def test_an_escalation_needs_a_note_to_colleagues_and_none_to_the_teller(
    field: str, changes: dict[str, str]
) -> None:
    with pytest.raises(InvalidReview) as error:
        submission.validate_submission(Verdict.ESCALATE, replace(ESCALATING_SUBMISSION, **changes))  # type: ignore[arg-type]  # all values are strings
    assert error.value.field == field
    assert error.value.problem
    assert error.value.fix


def test_at_most_five_reasons_and_notes_of_the_maximum_length_are_accepted() -> None:
    longest = "a" * MAX_NOTE_LENGTH
    review = replace(
        DECLINING_SUBMISSION,
        reasons=list(DECISION_REASONS)[:5],
        note_to_teller=longest,
        note_to_colleagues=longest,
    )

    submission.validate_submission(Verdict.DECLINE, review)
    with pytest.raises(InvalidReview):
        submission.validate_submission(Verdict.DECLINE, replace(review, reasons=list(DECISION_REASONS)[:6]))


def test_an_escalation_may_have_a_blank_note_to_the_teller() -> None:
    submission.validate_submission(Verdict.ESCALATE, replace(ESCALATING_SUBMISSION, note_to_teller="  "))
