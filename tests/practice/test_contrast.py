from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, Moment
from practice import contrast, slates
from practice.contrast import falls_in_a_row
from practice.slates import items_of
from tests.people import join
from tests.practice.reported import NOW, rate
from tests.stories_told import published_story

B, A = Moment.BEFORE, Moment.AFTER
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
        # Rated afresh since, which says nothing about watching.
        ([(B, 60.0), (A, 20.0), (B, 40.0), (A, 30.0), (B, 50.0)], 2),
        ([(A, 50.0), (B, 40.0), (A, 30.0), (B, 50.0), (A, 10.0), (B, 90.0)], 0),
        ([(A, 30.0), (B, 40.0), (A, 50.0), (B, 40.0)], 1),
    ],
)
def test_falls_count_back_to_the_last_viewing_that_left_no_fall(
    newest_first: list[tuple[str, float]], falls: int
) -> None:
    assert falls_in_a_row(newest_first) == falls


def evening(ana: User, challenge: Challenge, *sure: tuple[Moment, int]) -> None:
    for number, (moment, value) in enumerate(sure):
        rate(ana, challenge, value, moment=moment, at=NOW + number * MINUTE)


@pytest.mark.django_db
def test_one_fall_changes_nothing_and_two_in_a_row_do(ana: User, the_conversation: Challenge) -> None:
    evening(ana, the_conversation, (B, 60), (A, 50))
    assert not contrast.shaken(slates.standing(ana, the_conversation.slug))

    rate(ana, the_conversation, 40, moment=A, at=NOW + 9 * MINUTE)
    assert contrast.shaken(slates.standing(ana, the_conversation.slug))


@pytest.mark.django_db
def test_after_two_falls_a_slate_has_only_coping_stories_that_go_one_step_further(
    ana: User, mo: User, the_conversation: Challenge
) -> None:
    for number in range(8):
        published_story(
            join(f"teller{number}"),
            the_conversation,
            by=mo,
            start_rung=0,
            end_rung=1 + number % 2,
            model_kind="mastery" if number > 5 else "coping",
        )
    evening(ana, the_conversation, (B, 60), (A, 50), (A, 40))

    slate = slates.slate_for(slates.standing(ana, the_conversation.slug), now=NOW + 9 * MINUTE)

    assert slate.nearer
    assert slate.refused == {"too_far_ahead": 3, "mastery_when_shaken": 2}
    kinds = {(item.story.model_kind, item.story.end_rung) for item in items_of(slate, viewer=ana)}
    assert kinds == {("coping", 1)}
