"""Beside the ladder there is room for a sentence of one's own; it may stay open, and only its writer sees it."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from recommendations import free_text
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db
RATE_PATH = "/challenges/the-conversation/rate/"
LOW_RATINGS = {f"ratings.{position}": "30" for position in range(1, 8)}


def test_it_may_stay_open(ana: User, the_conversation: Challenge) -> None:
    answer = logged_in_client(ana).post(RATE_PATH, LOW_RATINGS)

    assert answer.status_code == 302
    assert free_text.get_free_text(the_conversation, by=ana) == ""


def test_what_was_written_is_there_the_next_time_and_goes_when_emptied(
    ana: User, the_conversation: Challenge
) -> None:
    browser = logged_in_client(ana)
    browser.post(RATE_PATH, LOW_RATINGS | {"words": "I go over it at night."})
    page = parse_page(browser.get(RATE_PATH).content)
    assert "I go over it at night." in page.text
    assert page.unlabelled == []

    browser.post(RATE_PATH, LOW_RATINGS | {"words": ""})
    assert "I go over it at night." not in parse_page(browser.get(RATE_PATH).content).text


def test_nobody_else_is_shown_it(ana: User, sam: User, the_conversation: Challenge) -> None:
    logged_in_client(ana).post(RATE_PATH, LOW_RATINGS | {"words": "I go over it at night."})
    assert "I go over it" not in logged_in_client(sam).get(RATE_PATH).content.decode()


def test_far_too_much_is_refused_and_nothing_is_lost(ana: User, the_conversation: Challenge) -> None:
    answer = logged_in_client(ana).post(RATE_PATH, LOW_RATINGS | {"words": "x" * 501})

    assert answer.status_code == 400
    assert "#id_words" in error_summary_of(answer)
    assert "x" * 501 in answer.content.decode()
