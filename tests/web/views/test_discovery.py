import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge, Reading, ReadingMoment
from practice.models import ExperimentArm, Slate
from stories import publishing
from stories.models import Story
from tests.people import create_person
from tests.story_factories import create_challenge
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db
LOW_RATINGS = {f"ratings.{position}": 30 for position in range(1, 8)}
RATINGS_ON_RUNG_TWO = LOW_RATINGS | {"ratings.1": 90, "ratings.2": 70}


def client_after_rating(person: User, **ratings: int) -> Client:
    browser = logged_in_client(person)
    browser.post("/challenges/the-conversation/rate/", LOW_RATINGS | ratings)
    return browser


def stories_by_different_tellers(challenge: Challenge, *, by: User, how_many: int = 4) -> list[Story]:
    return [
        published_story_with_media(
            create_person(f"teller{number}"),
            challenge,
            by=by,
            words="" if number == 1 else "WEBVTT\n\n00:01.000 --> 00:02.000\nAt first.\n",
            title=f"Story {number}",
            model_kind="mastery" if number == how_many else "coping",
            end_rung=1,
            traits_then={"age": 30 + number, "work_pattern": "nights"},
            shown_traits=["work_pattern"],
        )
        for number in range(1, how_many + 1)
    ]


class TestChoosingAChallenge:
    def test_the_first_page_offers_every_challenge_to_everybody(self, the_conversation: Challenge) -> None:
        page = parse_page(Client().get("/").content)
        assert "Manage the-conversation" in page.text
        assert "/challenges/the-conversation/" in page.addresses

    def test_what_is_not_offered_is_not_there(self, the_conversation: Challenge) -> None:
        Challenge.objects.update(offered=False)
        assert Client().get("/challenges/the-conversation/").status_code == 404
        assert "Manage the-conversation" not in parse_page(Client().get("/challenges/").content).text

    def test_the_ladder_stands_with_the_hardest_step_on_top(self, the_conversation: Challenge) -> None:
        words = parse_page(Client().get("/challenges/the-conversation/").content).text
        assert words.index("Do part 7") < words.index("Do part 1")

    def test_one_sees_where_one_stands(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(
            client_after_rating(ana, **{"ratings.1": 80}).get("/challenges/the-conversation/").content
        )
        assert "puts you on step 1" in page.text
        assert "You are here" in page.text

    @pytest.mark.parametrize("path", ["/", "/challenges/"])
    def test_a_longer_catalogue_costs_no_more_queries(
        self, ana: User, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(30):
            create_challenge(f"thing-{number}")
        browser = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            browser.get(path)

    def test_a_visitor_costs_one_query(
        self, the_conversation: Challenge, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            Client().get("/challenges/")


class TestRating:
    def test_a_reading_is_kept_as_rated(self, ana: User, the_conversation: Challenge) -> None:
        answer = logged_in_client(ana).post("/challenges/the-conversation/rate/", RATINGS_ON_RUNG_TWO)
        assert answer.status_code == 302
        reading = Reading.objects.with_ratings().get()
        assert (reading.person, reading.moment, reading.present_rung) == (ana, ReadingMoment.BEFORE, 2)
        assert reading.ratings_by_position() == {1: 90, 2: 70, 3: 30, 4: 30, 5: 30, 6: 30, 7: 30}

    def test_nothing_is_chosen_beforehand(self, ana: User, the_conversation: Challenge) -> None:
        assert b"checked" not in logged_in_client(ana).get("/challenges/the-conversation/rate/").content

    def test_every_step_that_is_missing_is_named_with_a_way_to_it(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        given = {key: value for key, value in LOW_RATINGS.items() if key not in {"ratings.2", "ratings.5"}}
        answer = logged_in_client(ana).post("/challenges/the-conversation/rate/", given)
        assert answer.status_code == 400
        summary = error_summary_of(answer)
        assert [words.split(":")[0] for words in summary.values()] == ["Step 2", "Step 5"]
        assert {target.lstrip("#") for target in summary} <= set(parse_page(answer.content).ids)
        assert answer.content.count(b"checked") == 5
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("odd", ["55", "110", "-10", "high", ""])
    def test_numbers_off_the_scale_are_refused(
        self, ana: User, the_conversation: Challenge, odd: str
    ) -> None:
        answer = logged_in_client(ana).post(
            "/challenges/the-conversation/rate/", LOW_RATINGS | {"ratings.3": odd}
        )
        assert answer.status_code == 400
        assert not Reading.objects.exists()

    def test_who_shared_nothing_yet_is_asked_first_and_may_skip_it(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        answer = logged_in_client(ana).post("/challenges/the-conversation/rate/", LOW_RATINGS, follow=True)
        assert answer.redirect_chain[-1][0] == "/about-you/?for=the-conversation"
        assert "/challenges/the-conversation/stories/" in parse_page(answer.content).addresses

    def test_who_shared_something_goes_straight_to_the_stories(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34}))
        answer = logged_in_client(ana).post("/challenges/the-conversation/rate/", LOW_RATINGS)
        assert answer["Location"] == "/challenges/the-conversation/stories/"

    def test_rating_needs_an_account(self, the_conversation: Challenge) -> None:
        answer = Client().post("/challenges/the-conversation/rate/", LOW_RATINGS)
        assert answer["Location"].startswith("/accounts/login/")


class TestTheSlate:
    def test_it_rests_on_a_rating(self, ana: User, the_conversation: Challenge) -> None:
        answer = logged_in_client(ana).get("/challenges/the-conversation/stories/")
        assert answer["Location"] == "/challenges/the-conversation/rate/"

    def test_it_shows_who_tells_how_long_and_why(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories_by_different_tellers(the_conversation, by=mo)
        profiles.update_profile(ana, ProfileChange(traits={"work_pattern": "nights", "age": 30}))
        page = parse_page(client_after_rating(ana).get("/challenges/the-conversation/stories/").content)
        assert "Told by Teller1" in page.text
        assert "32 s" in page.text
        if "at random from the stories that fit" not in page.text:
            assert "Worked nights too." in page.text
        assert "no captions yet" in page.text
        assert "older than you" not in page.text

    def test_a_random_slate_is_said_to_be_random(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories_by_different_tellers(the_conversation, by=mo)
        browser = client_after_rating(ana)
        browser.get("/challenges/the-conversation/stories/")
        for arm, said in [(ExperimentArm.RANDOM, True), (ExperimentArm.MATCHED, False)]:
            Slate.objects.update(arm=arm)
            page = parse_page(browser.get("/challenges/the-conversation/stories/").content)
            assert ("at random from the stories that fit" in page.text) is said

    def test_a_short_slate_says_that_it_is_short(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories_by_different_tellers(the_conversation, by=mo, how_many=1)
        page = parse_page(client_after_rating(ana).get("/challenges/the-conversation/stories/").content)
        assert "Only one story fits" in page.text or "No story fits" in page.text
        assert Slate.objects.get().arm == ExperimentArm.SCARCE

    def test_an_empty_slate_offers_a_way_on(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(client_after_rating(ana).get("/challenges/the-conversation/stories/").content)
        assert "No story fits where you are on this ladder yet." in page.text
        assert "/challenges/the-conversation/step/" in page.addresses

    def test_a_withdrawn_story_leaves_a_slate_that_was_already_shown(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories = stories_by_different_tellers(the_conversation, by=mo)
        browser = client_after_rating(ana)
        shown = parse_page(browser.get("/challenges/the-conversation/stories/").content).text
        gone = next(story for story in stories if story.title in shown)
        publishing.withdraw_story(gone, by=gone.teller)
        assert gone.title not in parse_page(browser.get("/challenges/the-conversation/stories/").content).text

    def test_more_stories_cost_no_more_queries(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories_by_different_tellers(the_conversation, by=mo, how_many=3)
        browser = client_after_rating(ana)
        three = _queries_of(browser)
        for number in range(3):
            published_story_with_media(create_person(f"late{number}"), the_conversation, by=mo, end_rung=1)
        client_after_rating(ana)
        assert _queries_of(browser) <= three


def _queries_of(browser: Client) -> int:
    """Return what showing a slate costs once it is composed."""
    browser.get("/challenges/the-conversation/stories/")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/challenges/the-conversation/stories/")
    return len(seen)
