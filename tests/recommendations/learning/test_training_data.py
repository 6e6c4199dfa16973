from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from matching.learning import ReportKind
from recommendations.learning import training_data
from stories.models import Story
from tests.recommendations.report_factories import (
    NOW,
    create_rated_viewing,
    create_viewer,
    grant_research_consent,
    publish_research_stories,
    take_reading,
)

pytestmark = pytest.mark.django_db
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 3, by=mo)


def test_the_latest_answer_about_a_story_counts(stories: list[Story]) -> None:
    ana = create_viewer(0)
    create_rated_viewing(ana, stories[0], 2)
    create_rated_viewing(ana, stories[0], 7, at=NOW + A_MINUTE)

    said = training_data.likeness_reports()

    assert [(one.story, one.value) for one in said] == [(stories[0].pk, 7)]


def test_confidence_counts_where_one_story_was_watched_between_two_readings(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = create_viewer(0)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    create_rated_viewing(ana, stories[0], 5, at=NOW + A_MINUTE)
    take_reading(ana, the_conversation, 40, moment=ReadingMoment.AFTER, at=NOW + 2 * A_MINUTE)
    create_rated_viewing(ana, stories[1], 5, at=NOW + 3 * A_MINUTE)
    create_rated_viewing(ana, stories[2], 5, at=NOW + 4 * A_MINUTE)
    take_reading(ana, the_conversation, 70, moment=ReadingMoment.AFTER, at=NOW + 5 * A_MINUTE)

    said = training_data.confidence_reports()

    assert [(one.story, one.value) for one in said] == [(stories[0].pk, 10)]


def test_a_reading_that_begins_a_new_evening_is_no_outcome(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = create_viewer(0)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    create_rated_viewing(ana, stories[0], 5, at=NOW + A_MINUTE)
    take_reading(ana, the_conversation, 80, moment=ReadingMoment.BEFORE, at=NOW + 2 * A_MINUTE)

    assert training_data.confidence_reports() == []


def test_each_report_comes_with_what_the_score_was_made_of(stories: list[Story]) -> None:
    ana = create_viewer(0)  # works days, lives in the country, is 20
    create_rated_viewing(ana, stories[0], 9)  # by somebody who did so, too

    (one,) = training_data.training_examples()

    assert one.kind == ReportKind.LIKENESS
    assert one.domain == "relationships"
    assert {part.trait: part.similarity for part in one.contributions} == {
        "age": 1,
        "work_pattern": 1,
        "place": 1,
    }


def test_people_who_shared_nothing_cannot_be_learned_from(sam: User, stories: list[Story]) -> None:
    create_rated_viewing(sam, stories[0], 9)
    assert list(training_data.training_examples()) == []


def test_consent_that_was_taken_back_counts_from_then_on(stories: list[Story]) -> None:
    consent = stories[0].consent
    assert consent is not None
    consent.withdrawn_at = NOW
    consent.save()
    grant_research_consent(stories[1])

    assert stories[0].pk not in training_data.research_stories().values_list("pk", flat=True)
    assert stories[1].pk in training_data.research_stories().values_list("pk", flat=True)
