"""Search page: results link to their second; members only."""

import pytest
from django.test import Client

from accounts.models import User
from challenges.models import Challenge
from tests.web.clients import logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db


def test_result_line_links_to_its_second(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    story = published_story_with_media(bo, the_conversation, by=mo)
    html = parse_page(logged_in_client(ana).get("/search/", {"q": "two years"}).content)
    assert "1 story" in html.text
    assert "I put it off for two years." in html.text
    assert f"/stories/{story.pk}/#t=1" in html.addresses


def test_empty_result_links_to_the_challenges(ana: User, the_conversation: Challenge) -> None:
    html = parse_page(logged_in_client(ana).get("/search/", {"q": "bicycle"}).content)
    assert "No stories found" in html.text
    assert "/challenges/" in html.addresses


@pytest.mark.parametrize("query_text", ["", "   ", "\0", "x" * 500, "'\"&|!(", "<b>"])
def test_any_query_text_renders(ana: User, query_text: str) -> None:
    response = logged_in_client(ana).get("/search/", {"q": query_text})
    assert response.status_code == 200
    assert "<b>" not in response.content.decode().partition("<main")[2].partition("</main")[0]


def test_search_requires_login() -> None:
    assert Client().get("/search/", {"q": "door"}).status_code == 302


def test_search_link_is_shown_to_members_only(ana: User, the_conversation: Challenge) -> None:
    assert "/search/" in parse_page(logged_in_client(ana).get("/challenges/").content).addresses
    assert "/search/" not in parse_page(Client().get("/challenges/").content).addresses
