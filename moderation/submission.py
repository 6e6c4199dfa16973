"""What a reviewer hands in, and whether it is complete: plain values, looked at before anything is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain_errors.categories import FieldError
from moderation.models import MAX_NOTE_LENGTH, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem

MAX_REASONS = 5
VERDICTS_NEEDING_REASONS = frozenset({Verdict.CHANGES, Verdict.DECLINE})


@dataclass(frozen=True)
class ReviewSubmission:
    """One reviewer's answers about one story as they saw it.

    `claim_token`, `seen` (the story's version) and `content_hash` say what was held and seen; `reasons` are codes
    of `rubric.REASONS`; `rubric` maps items to answers.
    """

    claim_token: str
    seen: int
    content_hash: str
    reasons: Sequence[str] = ()
    note_to_teller: str = ""
    note_to_colleagues: str = ""
    rubric: Mapping[str, str] = field(default_factory=dict)


class BadReview(FieldError):
    pass


class ReasonsMissing(BadReview):
    """A teller is to be turned away, and nothing tells them why."""

    def __init__(self) -> None:
        super().__init__("reasons", "The teller would not learn why.", "Choose at least one reason.")


def validate_submission(verdict: Verdict, review: ReviewSubmission) -> None:
    """Raise BadReview for the first thing that this verdict does not allow, ReasonsMissing among them."""
    _check_notes(review)
    _check_answers(review.rubric)
    _check_reasons(review.reasons)
    if verdict in VERDICTS_NEEDING_REASONS and not review.reasons:
        raise ReasonsMissing
    if verdict == Verdict.APPROVE:
        _check_approval(review)
    if verdict == Verdict.ESCALATE:
        _check_escalation(review)


def _check_notes(review: ReviewSubmission) -> None:
    for name, note in (
        ("note_to_teller", review.note_to_teller),
        ("note_to_colleagues", review.note_to_colleagues),
    ):
        if len(note) > MAX_NOTE_LENGTH:
            raise BadReview(name, f"This is longer than {MAX_NOTE_LENGTH} characters.", "Make it shorter.")


def _check_answers(answers: Mapping[str, str]) -> None:
    for item, answer in answers.items():
        if item not in RubricItem.values:
            raise BadReview(
                f"rubric.{item}", "There is no such question.", f"Use {', '.join(RubricItem.values)}."
            )
        if answer not in RubricAnswer.values:
            raise BadReview(
                f"rubric.{item}", "This is not an answer.", f"Choose from {', '.join(RubricAnswer.values)}."
            )


def _check_reasons(codes: Sequence[str]) -> None:
    for code in codes:
        if code not in DECISION_REASONS:
            raise BadReview(
                "reasons", f"“{code}” is not a reason.", f"Choose from {', '.join(DECISION_REASONS)}."
            )
    if len(set(codes)) != len(codes):
        raise BadReview("reasons", "A reason is named twice.", "Name each once.")
    if len(codes) > MAX_REASONS:
        raise BadReview(
            "reasons",
            f"More than {MAX_REASONS} reasons at once are too much to take in.",
            "Keep the ones that matter most.",
        )


def _check_approval(review: ReviewSubmission) -> None:
    for item in RubricItem:
        if review.rubric.get(item) != RubricAnswer.YES:
            raise BadReview(
                f"rubric.{item.value}",
                f"A story is only published when “{item.label}” is answered with yes.",
                "Answer it, ask for changes, or pass the story to a senior.",
            )
    if review.reasons:
        raise BadReview(
            "reasons", "An approval has nothing to correct.", "Leave them out, or ask for changes."
        )


def _check_escalation(review: ReviewSubmission) -> None:
    if not review.note_to_colleagues.strip():
        raise BadReview(
            "note_to_colleagues", "Your colleague would not learn why.", "Say in a sentence what worries you."
        )
    if review.note_to_teller.strip():
        raise BadReview(
            "note_to_teller",
            "The teller is not told that a story was passed on.",
            "Leave it empty; whoever decides writes to them.",
        )
