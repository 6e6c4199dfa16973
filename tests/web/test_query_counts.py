"""How many questions a list of the pages puts to the database: few, and the same however long it is."""

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


def count_queries(browser: Client, path: str) -> list[str]:
    browser.get(path)  # what happens once, such as composing a slate, has happened
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(path)
    assert answer.status_code == 200
    return [query["sql"] for query in asked]


def assert_constant_query_count(browser: Client, path: str, *, add: Callable[[int], None]) -> None:
    """Compare a list of 4 with a list of 14; `add` puts so many more items there."""
    add(4)
    few = count_queries(browser, path)
    add(10)
    many = count_queries(browser, path)
    assert len(few) == len(many), many
    assert len(many) <= MAX_QUERIES, many


def test_the_challenges(ana: User, the_conversation: Challenge) -> None:
    assert len(count_queries(logged_in_client(ana), "/challenges/")) <= MAX_QUERIES


def test_a_slate(ana: User, mo: User, the_conversation: Challenge) -> None:
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


def test_saved_stories(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            viewings.save_story(published_story_with_media(bo, the_conversation, by=mo), by=ana, now=NOW)

    assert_constant_query_count(logged_in_client(ana), "/saved/", add=add)


def test_what_one_does_not_want_to_be_shown(ana: User, mo: User, the_conversation: Challenge) -> None:
    numbers = iter(range(100))

    def add(count: int) -> None:
        for _ in range(count):
            teller = create_person(f"teller{next(numbers)}")
            negative_feedback.hide_teller(teller, by=ana, now=NOW)
            negative_feedback.add_less_like(
                published_story_with_media(teller, the_conversation, by=mo), by=ana, now=NOW
            )

    assert_constant_query_count(logged_in_client(ana), "/not-shown/", add=add)


def test_what_a_search_finds(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            published_story_with_media(bo, the_conversation, by=mo, title="The letter on the fridge")

    assert_constant_query_count(logged_in_client(ana), "/search/?q=fridge", add=add)


def test_ones_own_stories(bo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            create_complete_draft(bo, the_conversation)

    assert_constant_query_count(logged_in_client(bo), "/tell/", add=add)


def test_ones_steps(ana: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            steps.create_step(the_conversation, "Say hello on the stairs.", by=ana, rung=1, now=NOW)

    assert_constant_query_count(logged_in_client(ana), "/my-steps/", add=add)


def test_what_waits_for_review(bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            create_story_in_review(bo, the_conversation)

    assert_constant_query_count(reviewer_client(mo), "/review/", add=add)
