from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, Moment
from matching.learning import Kind
from practice import gathering
from stories.models import Story
from tests.practice.reported import NOW, agree_to_be_counted, answer, rate, told, viewer

pytestmark = pytest.mark.django_db
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return told(the_conversation, 3, by=mo)


def test_the_latest_answer_about_a_story_counts(stories: list[Story]) -> None:
    ana = viewer(0)
    answer(ana, stories[0], 2)
    answer(ana, stories[0], 7, at=NOW + A_MINUTE)

    said = gathering.likeness_said()

    assert [(one.story, one.value) for one in said] == [(stories[0].pk, 7)]


def test_confidence_counts_where_one_story_was_watched_between_two_readings(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = viewer(0)
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    answer(ana, stories[0], 5, at=NOW + A_MINUTE)
    rate(ana, the_conversation, 40, moment=Moment.AFTER, at=NOW + 2 * A_MINUTE)
    answer(ana, stories[1], 5, at=NOW + 3 * A_MINUTE)
    answer(ana, stories[2], 5, at=NOW + 4 * A_MINUTE)
    rate(ana, the_conversation, 70, moment=Moment.AFTER, at=NOW + 5 * A_MINUTE)

    said = gathering.confidence_said()

    assert [(one.story, one.value) for one in said] == [(stories[0].pk, 10)]


def test_a_reading_that_begins_a_new_evening_is_no_outcome(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = viewer(0)
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    answer(ana, stories[0], 5, at=NOW + A_MINUTE)
    rate(ana, the_conversation, 80, moment=Moment.BEFORE, at=NOW + 2 * A_MINUTE)

    assert gathering.confidence_said() == []


def test_each_report_comes_with_what_the_score_was_made_of(stories: list[Story]) -> None:
    ana = viewer(0)  # works days, lives in the country, is 20
    answer(ana, stories[0], 9)  # by somebody who did so, too

    (one,) = gathering.told()

    assert one.kind == Kind.LIKENESS
    assert one.domain == "relationships"
    assert {part.trait: part.similarity for part in one.parts} == {"age": 1, "work_pattern": 1, "place": 1}


def test_people_who_shared_nothing_cannot_be_learned_from(sam: User, stories: list[Story]) -> None:
    answer(sam, stories[0], 9)
    assert list(gathering.told()) == []


def test_consent_that_was_taken_back_counts_from_then_on(stories: list[Story]) -> None:
    consent = stories[0].consent
    assert consent is not None
    consent.withdrawn_at = NOW
    consent.save()
    agree_to_be_counted(stories[1])

    assert stories[0].pk not in gathering.countable().values_list("pk", flat=True)
    assert stories[1].pk in gathering.countable().values_list("pk", flat=True)
