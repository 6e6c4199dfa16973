"""What a page says about a change of confidence or an attempt: true, specific, and never a verdict on a person."""

from dataclasses import dataclass

from practice.confidence_change import ConfidenceChange
from practice.models import AttemptResult, Attribution

# Two readings of the same person a little apart differ by about this much without anything having happened.
MEANINGFUL_CHANGE_POINTS = 5


@dataclass(frozen=True)
class FeedbackMessage:
    """A heading, a few sentences, and whether help is worth offering beside them."""

    title: str
    text: str
    offer_help: bool = False


def confidence_change_feedback(change: ConfidenceChange) -> FeedbackMessage:
    """Put the change between two readings in words."""
    points = round(change.points)
    if points >= MEANINGFUL_CHANGE_POINTS:
        return FeedbackMessage(
            "You rate yourself surer than before",
            f"By {points} points out of 100, over the whole ladder. A good moment for one small try.",
        )
    if points > -MEANINGFUL_CHANGE_POINTS:
        return FeedbackMessage(
            "About as sure as before",
            "That is common. Watching opens the door a little; it is mostly trying that moves how sure we are.",
        )
    return FeedbackMessage(
        "You rate yourself less sure than before",
        "That happens: seen from close by, steps can look taller for a while. It says nothing about what you can do. "
        "Choose a step that is smaller than you think you need, or leave it for today.",
        offer_help=True,
    )


def attempt_feedback(went: str, attribution: str) -> FeedbackMessage:
    """Answer how a step went; a failure belongs to the way it was tried, not to the person."""
    match AttemptResult(went):
        case AttemptResult.DONE:
            return FeedbackMessage(
                "You did it", "You said that you would, and you have. Next time you can point to this."
            )
        case AttemptResult.PARTLY:
            return FeedbackMessage(
                "Part of it is done",
                "A part counts. Look at what made that part possible; the next step can start from there.",
            )
        case AttemptResult.NOT_YET:
            return FeedbackMessage(
                "Not yet",
                "Nothing is lost. If it did not come to it, the step may have been too big, or the moment wrong. "
                "Make it smaller, or give it a time and a place.",
            )
        case AttemptResult.DID_NOT_WORK:
            return FeedbackMessage(
                "You tried, and it did not work this time", _failed_attempt_text(attribution)
            )


def _failed_attempt_text(attribution: str) -> str:
    if attribution == Attribution.ABILITY:
        return (
            "It can feel as if you were not capable of it. What one try shows is that this way of doing it did not fit, "
            "on that day. Others at this point of the ladder changed the way, and went on."
        )
    if attribution == Attribution.CIRCUMSTANCES:
        return "Then the same step may well work in a quieter moment, or in another place."
    return "Then you know one way that does not fit. Try another one, or a smaller one."
