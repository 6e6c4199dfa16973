"""Stores a viewer's next small step, and later how it went."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from accounts.models import User
from challenges.models import Challenge
from domain_errors.categories import FieldError, NotFoundError
from practice.models import Attempt, AttemptResult, Attribution, Step

FOLLOW_UP_AFTER = timedelta(days=3)
MAX_STEP_LENGTH = 300


class InvalidStep(FieldError):
    pass


class NotYourStep(NotFoundError):
    pass


def create_step(challenge: Challenge, text: str, *, by: User, rung: int, now: datetime) -> Step:
    """Store one small step towards a rung. Raises InvalidStep."""
    step_text = text.strip()
    if not step_text:
        raise InvalidStep(
            "text", gettext("The step is empty."), gettext("Say in a few words what you will try.")
        )
    if len(step_text) > MAX_STEP_LENGTH:
        problem = gettext("The step is longer than %(limit)s characters.") % {"limit": MAX_STEP_LENGTH}
        raise InvalidStep("text", problem, gettext("Keep it to one small thing."))
    if not challenge.rungs.filter(position=rung).exists():
        raise InvalidStep(
            "rung", gettext("This ladder has no such rung."), gettext("Choose a rung of this challenge.")
        )
    return Step.objects.create(
        person=by,
        challenge=challenge,
        rung=rung,
        text=step_text,
        committed_at=now,
        follow_up_on=(now + FOLLOW_UP_AFTER).date(),
    )


def record_attempt(step: Step, went: str, *, by: User, attribution: str, now: datetime) -> Attempt:
    """Store how the step went. Raises NotYourStep, InvalidStep."""
    if step.person_id != by.pk:
        raise NotYourStep
    if went not in AttemptResult.values:
        raise InvalidStep(
            "went",
            gettext("“%(value)s” is not one of the choices.") % {"value": went},
            gettext("Choose from %(choices)s.") % {"choices": ", ".join(AttemptResult.values)},
        )
    if attribution and attribution not in Attribution.values:
        raise InvalidStep(
            "attribution",
            gettext("“%(value)s” is not one of the choices.") % {"value": attribution},
            gettext("Choose from %(choices)s, or leave it out.") % {"choices": ", ".join(Attribution.values)},
        )
    return Attempt.objects.create(step=step, went=went, attribution=attribution, at=now)
