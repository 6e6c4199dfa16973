"""How many questions a list of the pages puts to the database: few, and the same however long it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges import rating
from challenges.models import Challenge, Moment
from practice import steps, viewings, wishes
from tests.people import join
from tests.stories_told import draft_by, story_in_review
from tests.web.films import film
from tests.web.visits import reviewing_visit_by, visit_by

pytestmark = pytest.mark.django_db
MOST = 5
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def queries_of(browser: Client, path: str) -> list[str]:
    browser.get(path)  # what happens once, such as composing a slate, has happened
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(path)
    assert answer.status_code == 200
    return [query["sql"] for query in asked]


def check(browser: Client, path: str, *, add: Callable[[int], None]) -> None:
    """Compare a list of 4 with a list of 14; `add` puts so many more items there."""
    add(4)
    few = queries_of(browser, path)
    add(10)
    many = queries_of(browser, path)
    assert len(few) == len(many), many
    assert len(many) <= MOST, many


def test_the_challenges(ana: User, the_conversation: Challenge) -> None:
    assert len(queries_of(visit_by(ana), "/challenges/")) <= MOST


def test_a_slate(ana: User, mo: User, the_conversation: Challenge) -> None:
    numbers = iter(range(100))

    def add(count: int) -> None:
        for _ in range(count):
            film(join(f"teller{next(numbers)}"), the_conversation, by=mo, start_rung=0, end_rung=1)
        ratings = dict.fromkeys(range(1, 8), 30)
        rating.take(
            the_conversation,
            ratings,
            by=ana,
            moment=Moment.BEFORE,
            at=NOW + timedelta(minutes=next(numbers)),
        )

    check(visit_by(ana), "/challenges/the-conversation/stories/", add=add)


def test_saved_stories(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            viewings.save(film(bo, the_conversation, by=mo), by=ana, now=NOW)

    check(visit_by(ana), "/saved/", add=add)


def test_what_one_does_not_want_to_be_shown(ana: User, mo: User, the_conversation: Challenge) -> None:
    numbers = iter(range(100))

    def add(count: int) -> None:
        for _ in range(count):
            teller = join(f"teller{next(numbers)}")
            wishes.hide_teller(teller, by=ana, now=NOW)
            wishes.want_less_like(film(teller, the_conversation, by=mo), by=ana, now=NOW)

    check(visit_by(ana), "/not-shown/", add=add)


def test_what_a_search_finds(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            film(bo, the_conversation, by=mo, title="The letter on the fridge")

    check(visit_by(ana), "/search/?q=fridge", add=add)


def test_ones_own_stories(bo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            draft_by(bo, the_conversation)

    check(visit_by(bo), "/tell/", add=add)


def test_ones_steps(ana: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            steps.commit(the_conversation, "Say hello on the stairs.", by=ana, rung=1, now=NOW)

    check(visit_by(ana), "/my-steps/", add=add)


def test_what_waits_for_review(bo: User, mo: User, the_conversation: Challenge) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            story_in_review(bo, the_conversation)

    check(reviewing_visit_by(mo), "/review/", add=add)
