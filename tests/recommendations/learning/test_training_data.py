from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from matching.learning.training_set import ReportKind
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
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 3, by=mo)


def test_only_the_latest_likeness_report_counts(stories: list[Story]) -> None:
    ana = create_viewer(0)
    create_rated_viewing(ana, stories[0], 2)
    create_rated_viewing(ana, stories[0], 7, at=NOW + MINUTE)

    reports = training_data.likeness_reports()

    assert [(report.story, report.value) for report in reports] == [(stories[0].pk, 7)]


def test_a_confidence_report_needs_exactly_one_story_between_two_readings(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = create_viewer(0)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    create_rated_viewing(ana, stories[0], 5, at=NOW + MINUTE)
    take_reading(ana, the_conversation, 40, moment=ReadingMoment.AFTER, at=NOW + 2 * MINUTE)
    create_rated_viewing(ana, stories[1], 5, at=NOW + 3 * MINUTE)
    create_rated_viewing(ana, stories[2], 5, at=NOW + 4 * MINUTE)
    take_reading(ana, the_conversation, 70, moment=ReadingMoment.AFTER, at=NOW + 5 * MINUTE)

    reports = training_data.confidence_reports()

    assert [(report.story, report.value) for report in reports] == [(stories[0].pk, 10)]


def test_a_reading_before_watching_is_no_confidence_report(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = create_viewer(0)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    create_rated_viewing(ana, stories[0], 5, at=NOW + MINUTE)
    take_reading(ana, the_conversation, 80, moment=ReadingMoment.BEFORE, at=NOW + 2 * MINUTE)

    assert training_data.confidence_reports() == []


def test_a_training_example_has_the_contributions_of_the_shared_traits(stories: list[Story]) -> None:
    ana = create_viewer(0)  # works days, lives in the country, is 20
    create_rated_viewing(ana, stories[0], 9)  # by a teller with the same traits

    (example,) = training_data.training_examples()

    assert example.kind == ReportKind.LIKENESS
    assert example.domain == "relationships"
    assert {contribution.trait: contribution.similarity for contribution in example.contributions} == {
        "age": 1,
        "work_pattern": 1,
        "place": 1,
    }


def test_viewers_without_answers_give_no_training_example(sam: User, stories: list[Story]) -> None:
    create_rated_viewing(sam, stories[0], 9)
    assert list(training_data.training_examples()) == []


def test_stories_with_withdrawn_consent_are_left_out(stories: list[Story]) -> None:
    consent = stories[0].consent
    assert consent is not None
    consent.withdrawn_at = NOW
    consent.save()
    grant_research_consent(stories[1])

    assert stories[0].pk not in training_data.research_stories().values_list("pk", flat=True)
    assert stories[1].pk in training_data.research_stories().values_list("pk", flat=True)
