import pytest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from practice.models import HiddenTeller, LessLike
from stories.models import Story
from tests.people import create_person
from tests.recommendations.report_factories import take_reading
from tests.web import html_pages
from tests.web.clients import logged_in_client
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db


def page_text(response: HttpResponseBase) -> str:
    return html_pages.parse_page(response.getvalue()).text


@pytest.fixture
def published_story(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return published_story_with_media(
        bo, the_conversation, by=mo, title="Ten words on a receipt", start_rung=0, end_rung=1
    )


def test_teller_can_be_hidden_and_unhidden(
    ana: User, published_story: Story, the_conversation: Challenge
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    client = logged_in_client(ana)

    response = client.post(f"/stories/{published_story.pk}/wish/", {"wish": "hide-teller"}, follow=True)
    assert "We will not show you stories by Bo again." in page_text(response)
    assert published_story.title not in page_text(response)
    assert "Bo" in page_text(client.get("/not-shown/"))

    response = client.post("/not-shown/", {"teller": published_story.teller.pk}, follow=True)
    assert "You may see stories by Bo again." in page_text(response)
    assert not HiddenTeller.objects.exists()


def test_fewer_like_this_can_be_given_and_undone(ana: User, published_story: Story) -> None:
    client = logged_in_client(ana)
    client.post(f"/stories/{published_story.pk}/wish/", {"wish": "fewer"})
    assert published_story.title in page_text(client.get("/not-shown/"))
    client.post("/not-shown/", {"story": published_story.pk})
    assert not LessLike.objects.exists()


@pytest.mark.parametrize("data", [{}, {"wish": "everything"}])
def test_unknown_feedback_is_rejected(ana: User, published_story: Story, data: dict[str, str]) -> None:
    response = logged_in_client(ana).post(f"/stories/{published_story.pk}/wish/", data)
    assert response.status_code == 400
    assert b"hide-teller or fewer" in response.content


@pytest.mark.parametrize("data", [{}, {"teller": "x"}, {"story": "x"}, {"story": "0" * 32}])
def test_undoing_feedback_that_was_not_given_answers_404(ana: User, data: dict[str, str]) -> None:
    assert logged_in_client(ana).post("/not-shown/", data).status_code == 404


def test_feedback_on_own_story_is_rejected(bo: User, published_story: Story) -> None:
    client = logged_in_client(bo)
    assert "Not for you?" not in page_text(client.get(f"/stories/{published_story.pk}/"))
    assert client.post(f"/stories/{published_story.pk}/wish/", {"wish": "fewer"}).status_code == 400


@pytest.mark.parametrize(
    ("how", "heading"), [("by-chance", "A random story"), ("unlike-you", "Someone unlike you")]
)
def test_slate_links_to_extra_stories(
    ana: User, mo: User, the_conversation: Challenge, how: str, heading: str
) -> None:
    client = logged_in_client(ana)
    page = f"/challenges/{the_conversation.slug}/another/{how}/"
    assert client.get(page)["Location"] == f"/challenges/{the_conversation.slug}/rate/"
    for number in range(6):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=mo, start_rung=0, end_rung=1
        )
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())

    assert page in client.get(f"/challenges/{the_conversation.slug}/stories/").content.decode()
    html = page_text(client.get(page))

    assert heading in html
    assert "Why this story" in html


def test_unknown_extra_story_mode_answers_404(ana: User, the_conversation: Challenge) -> None:
    client = logged_in_client(ana)
    assert client.get(f"/challenges/{the_conversation.slug}/another/most-watched/").status_code == 404


def test_two_confidence_drops_in_a_row_show_an_offer_of_help(ana: User, the_conversation: Challenge) -> None:
    for number, rating in enumerate((60, 50, 40)):
        moment = ReadingMoment.AFTER if number else ReadingMoment.BEFORE
        take_reading(ana, the_conversation, rating, moment=moment, at=timezone.now())

    html = page_text(logged_in_client(ana).get(f"/challenges/{the_conversation.slug}/stories/"))

    assert "Twice in a row you felt less sure after watching." in html
    assert "where to get help now" in html
