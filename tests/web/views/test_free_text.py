"""Free text beside the ladder: optional and private."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from recommendations import free_text
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db
RATE_PATH = "/challenges/the-conversation/rate/"
LOW_RATINGS = {f"ratings.{position}": "30" for position in range(1, 8)}


def test_free_text_is_optional(ana: User, the_conversation: Challenge) -> None:
    response = logged_in_client(ana).post(RATE_PATH, LOW_RATINGS)

    assert response.status_code == 302
    assert free_text.get_free_text(the_conversation, by=ana) == ""


def test_free_text_is_prefilled_and_deleted_when_cleared(ana: User, the_conversation: Challenge) -> None:
    client = logged_in_client(ana)
    client.post(RATE_PATH, LOW_RATINGS | {"words": "I go over it at night."})
    page = parse_page(client.get(RATE_PATH).content)
    assert "I go over it at night." in page.text
    assert page.unlabelled == []

    client.post(RATE_PATH, LOW_RATINGS | {"words": ""})
    assert "I go over it at night." not in parse_page(client.get(RATE_PATH).content).text


def test_free_text_is_private(ana: User, sam: User, the_conversation: Challenge) -> None:
    logged_in_client(ana).post(RATE_PATH, LOW_RATINGS | {"words": "I go over it at night."})
    assert "I go over it" not in logged_in_client(sam).get(RATE_PATH).content.decode()


def test_text_over_the_limit_is_rejected_and_the_input_is_kept(
    ana: User, the_conversation: Challenge
) -> None:
    response = logged_in_client(ana).post(RATE_PATH, LOW_RATINGS | {"words": "x" * 501})

    assert response.status_code == 400
    assert "#id_words" in error_summary_of(response)
    assert "x" * 501 in response.content.decode()
