from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from practice import confidence_drop
from practice.confidence_drop import count_consecutive_falls
from recommendations import slates
from recommendations.slates import visible_slate_items
from recommendations.viewer_history import load_viewer_history
from tests.people import create_person
from tests.recommendations.report_factories import NOW, take_reading
from tests.story_factories import create_published_story

B, A = ReadingMoment.BEFORE, ReadingMoment.AFTER
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("newest_first", "falls"),
    [
        ([], 0),
        ([(A, 20.0)], 0),
        ([(A, 20.0), (B, 30.0)], 1),
        ([(A, 30.0), (B, 30.0)], 0),
        ([(A, 10.0), (A, 20.0), (B, 30.0)], 2),
        ([(A, 20.0), (B, 40.0), (A, 30.0), (B, 50.0)], 2),
        # A later reading before watching does not count.
        ([(B, 60.0), (A, 20.0), (B, 40.0), (A, 30.0), (B, 50.0)], 2),
        ([(A, 50.0), (B, 40.0), (A, 30.0), (B, 50.0), (A, 10.0), (B, 90.0)], 0),
        ([(A, 30.0), (B, 40.0), (A, 50.0), (B, 40.0)], 1),
    ],
)
def test_falls_are_counted_back_to_the_last_viewing_without_a_fall(
    newest_first: list[tuple[str, float]], falls: int
) -> None:
    assert count_consecutive_falls(newest_first) == falls


def take_readings(ana: User, challenge: Challenge, *sure: tuple[ReadingMoment, int]) -> None:
    for number, (moment, value) in enumerate(sure):
        take_reading(ana, challenge, value, moment=moment, at=NOW + number * MINUTE)


@pytest.mark.django_db
def test_two_consecutive_falls_mean_discouraged_and_one_does_not(
    ana: User, the_conversation: Challenge
) -> None:
    take_readings(ana, the_conversation, (B, 60), (A, 50))
    assert not is_discouraged_on(the_conversation, ana)

    take_reading(ana, the_conversation, 40, moment=A, at=NOW + 9 * MINUTE)
    assert is_discouraged_on(the_conversation, ana)


def is_discouraged_on(challenge: Challenge, ana: User) -> bool:
    reading = slates.reading_for_slate(ana, challenge.slug)
    return confidence_drop.is_discouraged(load_viewer_history(reading, watched_since=NOW).recent_means)


@pytest.mark.django_db
def test_after_two_falls_a_slate_has_only_coping_stories_one_step_ahead(
    ana: User, mo: User, the_conversation: Challenge
) -> None:
    for number in range(8):
        create_published_story(
            create_person(f"teller{number}"),
            the_conversation,
            by=mo,
            start_rung=0,
            end_rung=1 + number % 2,
            model_kind="mastery" if number > 5 else "coping",
        )
    take_readings(ana, the_conversation, (B, 60), (A, 50), (A, 40))

    slate = slates.get_or_create_slate(
        slates.reading_for_slate(ana, the_conversation.slug), now=NOW + 9 * MINUTE
    )

    assert slate.nearer
    assert slate.refused == {"too_far_ahead": 3, "mastery_when_shaken": 2}
    kinds = {(item.story.model_kind, item.story.end_rung) for item in visible_slate_items(slate, viewer=ana)}
    assert kinds == {("coping", 1)}
