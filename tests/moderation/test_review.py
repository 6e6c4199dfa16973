from dataclasses import replace

import pytest

from moderation import review as reviews
from moderation.models import LONGEST_NOTE, Verdict
from moderation.review import REASONS_AT_MOST, BadReview, ReasonsMissing, Review
from moderation.rubric import REASONS, Answer, Item
from tests.moderation.scene import ALL_WELL

APPROVAL = Review("token", 3, "a" * 64, rubric=ALL_WELL)
REFUSAL = Review("token", 3, "a" * 64, reasons=["setback_missing"])
ESCALATION = Review("token", 3, "a" * 64, note_to_colleagues="A child may be in danger, see 0:40.")
COMPLETE = {
    Verdict.APPROVE: APPROVAL,
    Verdict.CHANGES: REFUSAL,
    Verdict.DECLINE: REFUSAL,
    Verdict.ESCALATE: ESCALATION,
}


@pytest.mark.parametrize("verdict", Verdict)
def test_a_complete_review_passes(verdict: Verdict) -> None:
    reviews.check(verdict, COMPLETE[verdict])


@pytest.mark.parametrize("verdict", [Verdict.CHANGES, Verdict.DECLINE])
def test_nobody_is_turned_away_without_a_reason(verdict: Verdict) -> None:
    with pytest.raises(ReasonsMissing) as refused:
        reviews.check(verdict, replace(REFUSAL, reasons=[], note_to_teller="Not quite."))
    assert refused.value.field == "reasons"
    assert refused.value.fix


@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNSURE, None])
@pytest.mark.parametrize("item", Item)
def test_a_story_is_approved_only_when_every_question_is_answered_with_yes(
    item: Item, answer: Answer | None
) -> None:
    answers = {key: value for key, value in ALL_WELL.items() if key != item}
    if answer is not None:
        answers[item.value] = answer.value

    with pytest.raises(BadReview) as refused:
        reviews.check(Verdict.APPROVE, replace(APPROVAL, rubric=answers))
    assert refused.value.field == f"rubric.{item.value}"


def test_who_turns_a_story_away_need_not_answer_every_question() -> None:
    reviews.check(Verdict.DECLINE, replace(REFUSAL, rubric={"honest_setback": "no"}))


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("rubric.charm", {"rubric": {**ALL_WELL, "charm": "yes"}}),
        ("rubric.own_story", {"rubric": {**ALL_WELL, "own_story": "perhaps"}}),
        ("reasons", {"reasons": ["setback_missing", "boring"]}),
        ("reasons", {"reasons": ["setback_missing", "setback_missing"]}),
        ("reasons", {"reasons": list(REASONS)[: REASONS_AT_MOST + 1]}),
        ("note_to_teller", {"note_to_teller": "a" * (LONGEST_NOTE + 1)}),
        ("note_to_colleagues", {"note_to_colleagues": "a" * (LONGEST_NOTE + 1)}),
    ],
)
def test_what_cannot_be_kept_is_named(verdict: Verdict, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadReview) as refused:
        reviews.check(verdict, replace(COMPLETE[verdict], **changes))  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.field == field
    assert refused.value.problem
    assert refused.value.fix


def test_an_approval_carries_no_reasons() -> None:
    with pytest.raises(BadReview) as refused:
        reviews.check(Verdict.APPROVE, replace(APPROVAL, reasons=["setback_missing"]))
    assert refused.value.field == "reasons"


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
        reviews.check(Verdict.ESCALATE, replace(ESCALATION, **changes))  # type: ignore[arg-type]  # all are words
    assert refused.value.field == field
