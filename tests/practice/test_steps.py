from datetime import UTC, date, datetime

import pytest

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from practice import confidence_change, steps
from practice.models import Attempt, Step
from practice.steps import InvalidStep, NotYourStep

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_step_stores_its_text_and_a_follow_up_date(ana: User, the_conversation: Challenge) -> None:
    step = steps.create_step(the_conversation, " Write the first line. ", by=ana, rung=1, now=NOW)

    assert step.text == "Write the first line."
    assert step.follow_up_on == date(2026, 3, 4)
    assert list(Step.objects.by(ana).without_attempts()) == [step]


@pytest.mark.parametrize(
    ("text", "rung", "field"), [("  ", 1, "text"), ("x" * 301, 1, "text"), ("Go", 9, "rung")]
)
def test_an_invalid_step_is_refused_with_its_field_name(
    ana: User, the_conversation: Challenge, text: str, rung: int, field: str
) -> None:
    with pytest.raises(InvalidStep) as error:
        steps.create_step(the_conversation, text, by=ana, rung=rung, now=NOW)
    assert error.value.field == field


def test_an_attempt_closes_the_step(ana: User, the_conversation: Challenge) -> None:
    step = steps.create_step(the_conversation, "Write", by=ana, rung=1, now=NOW)

    steps.record_attempt(step, "did_not_work", by=ana, attribution="strategy", now=NOW)

    assert not Step.objects.by(ana).without_attempts().exists()
    assert Attempt.objects.get().attribution == "strategy"


@pytest.mark.parametrize(
    ("went", "attribution", "field"), [("well", "", "went"), ("done", "luck", "attribution")]
)
def test_an_unknown_result_or_attribution_is_refused(
    ana: User, the_conversation: Challenge, went: str, attribution: str, field: str
) -> None:
    step = steps.create_step(the_conversation, "Write", by=ana, rung=1, now=NOW)

    with pytest.raises(InvalidStep) as error:
        steps.record_attempt(step, went, by=ana, attribution=attribution, now=NOW)
    assert error.value.field == field


def test_only_the_owner_of_a_step_can_record_an_attempt(
    ana: User, sam: User, the_conversation: Challenge
) -> None:
    step = steps.create_step(the_conversation, "Write", by=ana, rung=1, now=NOW)

    with pytest.raises(NotYourStep):
        steps.record_attempt(step, "done", by=sam, attribution="", now=NOW)


def test_confidence_change_compares_the_latest_readings(ana: User, the_conversation: Challenge) -> None:
    assert confidence_change.latest_confidence_change(the_conversation, viewer=ana) is None
    for moment, value in ((ReadingMoment.BEFORE, 30), (ReadingMoment.AFTER, 50)):
        readings.record_reading(
            the_conversation, dict.fromkeys(range(1, 8), value), by=ana, moment=moment, at=NOW
        )

    change = confidence_change.latest_confidence_change(the_conversation, viewer=ana)

    assert change is not None
    assert change.points == pytest.approx(20)
