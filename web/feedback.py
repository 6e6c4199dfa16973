"""Feedback on a change of confidence or an attempt: true, specific, and never a verdict on the person."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from practice.confidence_change import ConfidenceChange
from practice.models import AttemptResult, Attribution

# Two readings taken shortly after each other differ by about this much by chance.
MEANINGFUL_CHANGE_POINTS = 5


@dataclass(frozen=True)
class FeedbackMessage:
    """A heading, a few sentences, and whether to offer help beside them."""

    title: str
    text: str
    offer_help: bool = False


def confidence_change_feedback(change: ConfidenceChange) -> FeedbackMessage:
    points = round(change.points)
    if points >= MEANINGFUL_CHANGE_POINTS:
        return FeedbackMessage(
            gettext("You feel surer than before"),
            ngettext(
                "Over the whole ladder, you rate yourself %(points)s point out of 100 higher. "
                "This is a good moment to try something small.",
                "Over the whole ladder, you rate yourself %(points)s points out of 100 higher. "
                "This is a good moment to try something small.",
                points,
            )
            % {"points": points},
        )
    if points > -MEANINGFUL_CHANGE_POINTS:
        return FeedbackMessage(
            gettext("You feel about as sure as before"),
            gettext("That is common. Watching is a start, but it is mostly trying that makes us surer."),
        )
    return FeedbackMessage(
        gettext("You feel less sure than before"),
        gettext(
            "That happens. Up close, a step can look bigger for a while. It says nothing about what you can do. "
            "Choose a smaller step than you think you need, or leave it for today."
        ),
        offer_help=True,
    )


def attempt_feedback(went: str, attribution: str) -> FeedbackMessage:
    """Return feedback on an attempt; a failure is put down to the method, not to the person."""
    match AttemptResult(went):
        case AttemptResult.DONE:
            return FeedbackMessage(
                gettext("You did it"),
                gettext("You said you would, and you did. Remember this next time you have doubts."),
            )
        case AttemptResult.PARTLY:
            return FeedbackMessage(
                gettext("You did part of it"),
                gettext(
                    "That counts. Think about what made that part possible. Your next step can start there."
                ),
            )
        case AttemptResult.NOT_YET:
            return FeedbackMessage(
                gettext("Not yet"),
                gettext(
                    "Nothing is lost. The step may have been too big, or the time not right. "
                    "Make it smaller, or decide when and where you will try it."
                ),
            )
        case AttemptResult.DID_NOT_WORK:
            return FeedbackMessage(
                gettext("You tried, and it did not work this time"), _failed_attempt_text(attribution)
            )


def _failed_attempt_text(attribution: str) -> str:
    if attribution == Attribution.ABILITY:
        return gettext(
            "It can feel as if you are not capable of it. But one try only shows that this way of doing it did not "
            "work on that day. Other people at this point changed how they did it, and carried on."
        )
    if attribution == Attribution.CIRCUMSTANCES:
        return gettext("The same step may work at a quieter time or in another place.")
    return gettext("Now you know one way that does not work for you. Try another way, or a smaller step.")
