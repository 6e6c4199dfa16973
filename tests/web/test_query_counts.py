"""Lists have a small query count that does not grow with their length."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from practice import negative_feedback, steps, viewings
from tests.people import create_person
from tests.story_factories import create_complete_draft, create_story_in_review
from tests.web.clients import logged_in_client, reviewer_client
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db
MAX_QUERIES = 5
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def count_queries(client: Client, path: str) -> list[str]:
    client.get(path)  # one-time work, such as composing a slate
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return [query["sql"] for query in queries]


def assert_constant_query_count(client: Client, path: str, *, add: Callable[[int], None]) -> None:
    """Compare a list of 4 items with a list of 14; `add` creates the given number of items."""
    add(4)
    few = count_queries(client, path)
    add(10)
    many = count_queries(client, path)
    assert len(few) == len(many), many
    assert len(many) <= MAX_QUERIES, many


def test_challenge_list_has_a_constant_query_count(ana: User, the_conversation: Challenge) -> None:
    assert len(count_queries(logged_in_client(ana), "/challenges/")) <= MAX_QUERIES


def test_slate_has_a_constant_query_count(ana: User, mo: User, the_conversation: Challenge) -> None:
    numbers = iter(range(100))

    def add(count: int) -> None:
        for _ in range(count):
            published_story_with_media(
                create_person(f"teller{next(numbers)}"), the_conversation, by=mo, start_rung=0, end_rung=1
            )
        ratings = dict.fromkeys(range(1, 8), 30)
        readings.record_reading(
            the_conversation,
            ratings,
            by=ana,
            moment=ReadingMoment.BEFORE,
            at=NOW + timedelta(minutes=next(numbers)),
        )

    assert_constant_query_count(logged_in_client(ana), "/challenges/the-conversation/stories/", add=add)


def test_saved_stories_have_a_constant_query_count(
    ana: User, bo: User, mo: User, the_conversation: Challenge
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            viewings.save_story(published_story_with_media(bo, the_conversation, by=mo), by=ana, now=NOW)

    assert_constant_query_count(logged_in_client(ana), "/saved/", add=add)


def test_negative_feedback_list_has_a_constant_query_count(
    ana: User, mo: User, the_conversation: Challenge
) -> None:
    numbers = iter(range(100))

    def add(count: int) -> None:
        for _ in range(count):
            teller = create_person(f"teller{next(numbers)}")
            negative_feedback.hide_teller(teller, by=ana, now=NOW)
            negative_feedback.add_less_like(
                published_story_with_media(teller, the_conversation, by=mo), by=ana, now=NOW
            )

    assert_constant_query_count(logged_in_client(ana), "/not-shown/", add=add)


def test_search_results_have_a_constant_query_count(
    ana: User, bo: User, mo: User, the_conversation: Challenge
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            published_story_with_media(bo, the_conversation, by=mo, title="The letter on the fridge")

    assert_constant_query_count(logged_in_client(ana), "/search/?q=fridge", add=add)


def test_own_stories_have_a_constant_query_count(bo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            create_complete_draft(bo, the_conversation)

    assert_constant_query_count(logged_in_client(bo), "/tell/", add=add)


def test_own_steps_have_a_constant_query_count(ana: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            steps.create_step(the_conversation, "Say hello on the stairs.", by=ana, rung=1, now=NOW)

    assert_constant_query_count(logged_in_client(ana), "/my-steps/", add=add)


def test_review_queue_has_a_constant_query_count(bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            create_story_in_review(bo, the_conversation)

    assert_constant_query_count(reviewer_client(mo), "/review/", add=add)
