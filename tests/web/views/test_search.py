"""The search page: lines that lead to their second, and nothing for strangers."""

import pytest
from django.test import Client

from accounts.models import User
from challenges.models import Challenge
from tests.web.clients import logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db


def test_a_line_leads_to_the_second_at_which_it_is_said(
    ana: User, bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = published_story_with_media(bo, the_conversation, by=mo)
    shown = parse_page(logged_in_client(ana).get("/search/", {"q": "two years"}).content)
    assert "1 story" in shown.text
    assert "I put it off for two years." in shown.text
    assert f"/stories/{story.pk}/#t=1" in shown.addresses


def test_where_nothing_is_found_another_way_is_shown(ana: User, the_conversation: Challenge) -> None:
    shown = parse_page(logged_in_client(ana).get("/search/", {"q": "bicycle"}).content)
    assert "No stories found" in shown.text
    assert "/challenges/" in shown.addresses


@pytest.mark.parametrize("words", ["", "   ", "\0", "x" * 500, "'\"&|!(", "<b>"])
def test_no_words_break_the_page(ana: User, words: str) -> None:
    answer = logged_in_client(ana).get("/search/", {"q": words})
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode().partition("<main")[2].partition("</main")[0]


def test_a_visitor_is_asked_to_log_in_first() -> None:
    assert Client().get("/search/", {"q": "door"}).status_code == 302


def test_the_challenges_offer_the_search_to_members_only(ana: User, the_conversation: Challenge) -> None:
    assert "/search/" in parse_page(logged_in_client(ana).get("/challenges/").content).addresses
    assert "/search/" not in parse_page(Client().get("/challenges/").content).addresses
