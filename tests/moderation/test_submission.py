from dataclasses import replace

import pytest

from moderation import submission as reviews
from moderation.models import MAX_NOTE_LENGTH, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from moderation.submission import MAX_REASONS, BadReview, ReasonsMissing, ReviewSubmission
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
def test_a_complete_review_passes(verdict: Verdict) -> None:
    reviews.validate_submission(verdict, COMPLETE_SUBMISSIONS[verdict])


@pytest.mark.parametrize("verdict", [Verdict.CHANGES, Verdict.DECLINE])
def test_nobody_is_turned_away_without_a_reason(verdict: Verdict) -> None:
    with pytest.raises(ReasonsMissing) as refused:
        reviews.validate_submission(
            verdict, replace(DECLINING_SUBMISSION, reasons=[], note_to_teller="Not quite.")
        )
    assert refused.value.field == "reasons"
    assert refused.value.problem
    assert refused.value.fix


@pytest.mark.parametrize("answer", [RubricAnswer.NO, RubricAnswer.UNSURE, None])
@pytest.mark.parametrize("item", RubricItem)
def test_a_story_is_approved_only_when_every_question_is_answered_with_yes(
    item: RubricItem, answer: RubricAnswer | None
) -> None:
    answers = {key: value for key, value in ALL_YES_RUBRIC.items() if key != item}
    if answer is not None:
        answers[item.value] = answer.value

    with pytest.raises(BadReview) as refused:
        reviews.validate_submission(Verdict.APPROVE, replace(APPROVING_SUBMISSION, rubric=answers))
    assert refused.value.field == f"rubric.{item.value}"
    assert item.label in refused.value.problem
    assert refused.value.fix


def test_who_turns_a_story_away_need_not_answer_every_question() -> None:
    reviews.validate_submission(
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
def test_what_cannot_be_kept_is_named(verdict: Verdict, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadReview) as refused:
        reviews.validate_submission(verdict, replace(COMPLETE_SUBMISSIONS[verdict], **changes))  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.field == field
    assert refused.value.problem
    assert refused.value.fix


def test_an_approval_carries_no_reasons() -> None:
    with pytest.raises(BadReview) as refused:
        reviews.validate_submission(
            Verdict.APPROVE, replace(APPROVING_SUBMISSION, reasons=["setback_missing"])
        )
    assert refused.value.field == "reasons"
    assert refused.value.problem
    assert refused.value.fix


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("note_to_colleagues", {"note_to_colleagues": "  "}),
        ("note_to_teller", {"note_to_teller": "Somebody else will look."}),
    ],
)
def test_who_escalates_writes_to_the_colleague_and_not_to_the_teller(
    field: str, changes: dict[str, str]
) -> None:
    with pytest.raises(BadReview) as refused:
        reviews.validate_submission(Verdict.ESCALATE, replace(ESCALATING_SUBMISSION, **changes))  # type: ignore[arg-type]  # all are words
    assert refused.value.field == field
    assert refused.value.problem
    assert refused.value.fix


def test_as_many_reasons_and_as_long_notes_as_can_be_kept_are_accepted() -> None:
    longest = "a" * MAX_NOTE_LENGTH
    review = replace(
        DECLINING_SUBMISSION,
        reasons=list(DECISION_REASONS)[:5],
        note_to_teller=longest,
        note_to_colleagues=longest,
    )

    reviews.validate_submission(Verdict.DECLINE, review)
    with pytest.raises(BadReview):
        reviews.validate_submission(Verdict.DECLINE, replace(review, reasons=list(DECISION_REASONS)[:6]))


def test_a_note_of_spaces_to_the_teller_does_not_stop_an_escalation() -> None:
    reviews.validate_submission(Verdict.ESCALATE, replace(ESCALATING_SUBMISSION, note_to_teller="  "))
