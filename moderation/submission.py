"""Validates what a reviewer submits, before any row is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from domain_errors.categories import FieldError
from moderation.models import MAX_NOTE_LENGTH, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem

MAX_REASONS = 5
VERDICTS_NEEDING_REASONS = frozenset({Verdict.CHANGES, Verdict.DECLINE})


@dataclass(frozen=True)
class ReviewSubmission:
    """One reviewer's answers about one story.

    `seen` is the version and `content_hash` the content that the reviewer saw; `reasons` are codes of
    `rubric.DECISION_REASONS`; `rubric` maps items to answers.
    """

    claim_token: str
    seen: int
    content_hash: str
    reasons: Sequence[str] = ()
    note_to_teller: str = ""
    note_to_colleagues: str = ""
    rubric: Mapping[str, str] = field(default_factory=dict)


class InvalidReview(FieldError):
    pass


class ReasonsMissing(InvalidReview):
    """A request for changes or a refusal needs a reason."""

    def __init__(self) -> None:
        super().__init__(
            "reasons",
            gettext("The teller needs to know why."),
            gettext("Choose at least one reason."),
        )


def validate_submission(verdict: Verdict, review: ReviewSubmission) -> None:
    """Raise InvalidReview, or its subclass ReasonsMissing, for the first invalid value."""
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
            problem = gettext("This is longer than %(limit)s characters.") % {"limit": MAX_NOTE_LENGTH}
            raise InvalidReview(name, problem, gettext("Make it shorter."))


def _check_answers(answers: Mapping[str, str]) -> None:
    for item, answer in answers.items():
        if item not in RubricItem.values:
            fix = gettext("Choose from %(choices)s.") % {"choices": ", ".join(RubricItem.values)}
            raise InvalidReview(f"rubric.{item}", gettext("There is no such question."), fix)
        if answer not in RubricAnswer.values:
            fix = gettext("Choose from %(choices)s.") % {"choices": ", ".join(RubricAnswer.values)}
            raise InvalidReview(f"rubric.{item}", gettext("There is no such answer."), fix)


def _check_reasons(codes: Sequence[str]) -> None:
    for code in codes:
        if code not in DECISION_REASONS:
            raise InvalidReview(
                "reasons",
                gettext("“%(value)s” is not one of the choices.") % {"value": code},
                gettext("Choose from %(choices)s.") % {"choices": ", ".join(DECISION_REASONS)},
            )
    if len(set(codes)) != len(codes):
        raise InvalidReview(
            "reasons", gettext("A reason is listed twice."), gettext("List each reason once.")
        )
    if len(codes) > MAX_REASONS:
        problem = gettext("More than %(limit)s reasons are too many at once.") % {"limit": MAX_REASONS}
        raise InvalidReview("reasons", problem, gettext("Keep the ones that matter most."))


def _check_approval(review: ReviewSubmission) -> None:
    for item in RubricItem:
        if review.rubric.get(item) != RubricAnswer.YES:
            problem = gettext("We only publish a story if the answer to “%(question)s” is yes.")
            raise InvalidReview(
                f"rubric.{item.value}",
                problem % {"question": item.label},
                gettext("Answer it, ask for changes, or escalate the story."),
            )
    if review.reasons:
        raise InvalidReview(
            "reasons",
            gettext("An approval cannot have reasons."),
            gettext("Remove the reasons, or ask for changes."),
        )


def _check_escalation(review: ReviewSubmission) -> None:
    if not review.note_to_colleagues.strip():
        raise InvalidReview(
            "note_to_colleagues",
            gettext("The senior reviewer needs to know why."),
            gettext("Say in a sentence what worries you."),
        )
    if review.note_to_teller.strip():
        raise InvalidReview(
            "note_to_teller",
            gettext("We do not notify the teller when a story is escalated."),
            gettext("Leave this empty. The senior reviewer will write to the teller."),
        )
