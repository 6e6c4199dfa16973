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


def page_text(answer: HttpResponseBase) -> str:
    return html_pages.parse_page(answer.getvalue()).text


@pytest.fixture
def told(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return published_story_with_media(
        bo, the_conversation, by=mo, title="Ten words on a receipt", start_rung=0, end_rung=1
    )


def test_a_viewer_hides_a_teller_and_takes_it_back(
    ana: User, told: Story, the_conversation: Challenge
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    browser = logged_in_client(ana)

    answer = browser.post(f"/stories/{told.pk}/wish/", {"wish": "hide-teller"}, follow=True)
    assert "We will not show you stories by Bo again." in page_text(answer)
    assert told.title not in page_text(answer)
    assert "Bo" in page_text(browser.get("/not-shown/"))

    answer = browser.post("/not-shown/", {"teller": told.teller.pk}, follow=True)
    assert "You may see stories by Bo again." in page_text(answer)
    assert not HiddenTeller.objects.exists()


def test_a_viewer_wants_fewer_like_one_and_takes_it_back(ana: User, told: Story) -> None:
    browser = logged_in_client(ana)
    browser.post(f"/stories/{told.pk}/wish/", {"wish": "fewer"})
    assert told.title in page_text(browser.get("/not-shown/"))
    browser.post("/not-shown/", {"story": told.pk})
    assert not LessLike.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"wish": "everything"}])
def test_a_wish_that_is_none_is_refused_in_words(ana: User, told: Story, sent: dict[str, str]) -> None:
    answer = logged_in_client(ana).post(f"/stories/{told.pk}/wish/", sent)
    assert answer.status_code == 400
    assert b"hide-teller or fewer" in answer.content


@pytest.mark.parametrize("sent", [{}, {"teller": "x"}, {"story": "x"}, {"story": "0" * 32}])
def test_taking_back_what_was_never_wished_finds_nothing(ana: User, sent: dict[str, str]) -> None:
    assert logged_in_client(ana).post("/not-shown/", sent).status_code == 404


def test_a_teller_has_no_wish_about_their_own_story(bo: User, told: Story) -> None:
    browser = logged_in_client(bo)
    assert "Not for you?" not in page_text(browser.get(f"/stories/{told.pk}/"))
    assert browser.post(f"/stories/{told.pk}/wish/", {"wish": "fewer"}).status_code == 400


@pytest.mark.parametrize(
    ("how", "heading"), [("by-chance", "A random story"), ("unlike-you", "Someone unlike you")]
)
def test_one_more_story_is_a_click_away_from_the_slate(
    ana: User, mo: User, the_conversation: Challenge, how: str, heading: str
) -> None:
    browser = logged_in_client(ana)
    page = f"/challenges/{the_conversation.slug}/another/{how}/"
    assert browser.get(page)["Location"] == f"/challenges/{the_conversation.slug}/rate/"
    for number in range(6):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=mo, start_rung=0, end_rung=1
        )
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())

    assert page in browser.get(f"/challenges/{the_conversation.slug}/stories/").content.decode()
    shown = page_text(browser.get(page))

    assert heading in shown
    assert "Why this story" in shown


def test_there_is_no_other_way_to_pick_one(ana: User, the_conversation: Challenge) -> None:
    browser = logged_in_client(ana)
    assert browser.get(f"/challenges/{the_conversation.slug}/another/most-watched/").status_code == 404


def test_after_two_falls_the_page_says_so_and_names_help(ana: User, the_conversation: Challenge) -> None:
    for number, sure in enumerate((60, 50, 40)):
        moment = ReadingMoment.AFTER if number else ReadingMoment.BEFORE
        take_reading(ana, the_conversation, sure, moment=moment, at=timezone.now())

    shown = page_text(logged_in_client(ana).get(f"/challenges/{the_conversation.slug}/stories/"))

    assert "Twice in a row you felt less sure after watching." in shown
    assert "where to get help now" in shown
