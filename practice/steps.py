"""End in action: one small step in the viewer's own words, and later how it went."""

from datetime import datetime, timedelta

from accounts.models import User
from challenges.models import Challenge
from domain_errors.categories import FieldError, NotFoundError
from practice.models import Attempt, AttemptResult, Attribution, Step

FOLLOW_UP_AFTER = timedelta(days=3)
MAX_STEP_LENGTH = 300


class BadStep(FieldError):
    pass


class NotYourStep(NotFoundError):
    pass


def create_step(challenge: Challenge, text: str, *, by: User, rung: int, now: datetime) -> Step:
    """Keep one small step towards a rung. Raises BadStep."""
    words = text.strip()
    if not words:
        raise BadStep("text", "The step is empty.", "Say in a few words what you will try.")
    if len(words) > MAX_STEP_LENGTH:
        raise BadStep(
            "text", f"The step is longer than {MAX_STEP_LENGTH} characters.", "Make it one small thing."
        )
    if not challenge.rungs.filter(position=rung).exists():
        raise BadStep("rung", "This ladder has no such rung.", "Choose a rung of this challenge.")
    return Step.objects.create(
        person=by,
        challenge=challenge,
        rung=rung,
        text=words,
        committed_at=now,
        follow_up_on=(now + FOLLOW_UP_AFTER).date(),
    )


def record_attempt(step: Step, went: str, *, by: User, attribution: str, now: datetime) -> Attempt:
    """Keep how the step went. Raises NotYourStep, BadStep."""
    if step.person_id != by.pk:
        raise NotYourStep
    if went not in AttemptResult.values:
        raise BadStep(
            "went", f"“{went}” is not one of the choices.", f"Choose from {', '.join(AttemptResult.values)}."
        )
    if attribution and attribution not in Attribution.values:
        raise BadStep(
            "attribution",
            f"“{attribution}” is not one of the choices.",
            f"Choose from {', '.join(Attribution.values)}, or leave it out.",
        )
    return Attempt.objects.create(step=step, went=went, attribution=attribution, at=now)
