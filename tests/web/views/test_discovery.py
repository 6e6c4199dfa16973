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
    client = logged_in_client(person)
    client.post("/challenges/the-conversation/rate/", LOW_RATINGS | ratings)
    return client


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


class TestChallenges:
    def test_home_page_lists_every_challenge(self, the_conversation: Challenge) -> None:
        page = parse_page(Client().get("/").content)
        assert "Manage the-conversation" in page.text
        assert "/challenges/the-conversation/" in page.addresses

    def test_challenge_that_is_not_offered_answers_404(self, the_conversation: Challenge) -> None:
        Challenge.objects.update(offered=False)
        assert Client().get("/challenges/the-conversation/").status_code == 404
        assert "Manage the-conversation" not in parse_page(Client().get("/challenges/").content).text

    def test_ladder_lists_the_hardest_step_first(self, the_conversation: Challenge) -> None:
        text = parse_page(Client().get("/challenges/the-conversation/").content).text
        assert text.index("Do part 7") < text.index("Do part 1")

    def test_latest_reading_is_shown(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(
            client_after_rating(ana, **{"ratings.1": 80}).get("/challenges/the-conversation/").content
        )
        assert "puts you on step 1" in page.text
        assert "You are here" in page.text

    @pytest.mark.parametrize("path", ["/", "/challenges/"])
    def test_query_count_does_not_grow_with_the_catalogue(
        self, ana: User, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(30):
            create_challenge(f"thing-{number}")
        client = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            client.get(path)

    def test_anonymous_home_page_costs_one_query(
        self, the_conversation: Challenge, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            Client().get("/challenges/")


class TestRating:
    def test_reading_is_saved(self, ana: User, the_conversation: Challenge) -> None:
        response = logged_in_client(ana).post("/challenges/the-conversation/rate/", RATINGS_ON_RUNG_TWO)
        assert response.status_code == 302
        reading = Reading.objects.with_ratings().get()
        assert (reading.person, reading.moment, reading.present_rung) == (ana, ReadingMoment.BEFORE, 2)
        assert reading.ratings_by_position() == {1: 90, 2: 70, 3: 30, 4: 30, 5: 30, 6: 30, 7: 30}

    def test_no_rating_is_preselected(self, ana: User, the_conversation: Challenge) -> None:
        assert b"checked" not in logged_in_client(ana).get("/challenges/the-conversation/rate/").content

    def test_each_missing_rating_is_linked_in_the_error_summary(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        ratings = {key: value for key, value in LOW_RATINGS.items() if key not in {"ratings.2", "ratings.5"}}
        response = logged_in_client(ana).post("/challenges/the-conversation/rate/", ratings)
        assert response.status_code == 400
        summary = error_summary_of(response)
        assert [text.split(":")[0] for text in summary.values()] == ["Step 2", "Step 5"]
        assert {target.lstrip("#") for target in summary} <= set(parse_page(response.content).ids)
        assert response.content.count(b"checked") == 5
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("odd", ["55", "110", "-10", "high", ""])
    def test_ratings_outside_the_scale_are_rejected(
        self, ana: User, the_conversation: Challenge, odd: str
    ) -> None:
        response = logged_in_client(ana).post(
            "/challenges/the-conversation/rate/", LOW_RATINGS | {"ratings.3": odd}
        )
        assert response.status_code == 400
        assert not Reading.objects.exists()

    def test_empty_profile_is_asked_for_after_rating_and_can_be_skipped(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        response = logged_in_client(ana).post("/challenges/the-conversation/rate/", LOW_RATINGS, follow=True)
        assert response.redirect_chain[-1][0] == "/about-you/?for=the-conversation"
        assert "/challenges/the-conversation/stories/" in parse_page(response.content).addresses

    def test_filled_profile_continues_to_the_stories(self, ana: User, the_conversation: Challenge) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34}))
        response = logged_in_client(ana).post("/challenges/the-conversation/rate/", LOW_RATINGS)
        assert response["Location"] == "/challenges/the-conversation/stories/"

    def test_rating_requires_login(self, the_conversation: Challenge) -> None:
        response = Client().post("/challenges/the-conversation/rate/", LOW_RATINGS)
        assert response["Location"].startswith("/accounts/login/")


class TestSlate:
    def test_slate_without_a_reading_redirects_to_rating(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        response = logged_in_client(ana).get("/challenges/the-conversation/stories/")
        assert response["Location"] == "/challenges/the-conversation/rate/"

    def test_cards_show_teller_duration_and_reasons(
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

    def test_random_slate_is_labelled(self, ana: User, mo: User, the_conversation: Challenge) -> None:
        stories_by_different_tellers(the_conversation, by=mo)
        client = client_after_rating(ana)
        client.get("/challenges/the-conversation/stories/")
        for arm, is_labelled in [(ExperimentArm.RANDOM, True), (ExperimentArm.MATCHED, False)]:
            Slate.objects.update(arm=arm)
            page = parse_page(client.get("/challenges/the-conversation/stories/").content)
            assert ("at random from the stories that fit" in page.text) is is_labelled

    def test_scarce_slate_is_labelled(self, ana: User, mo: User, the_conversation: Challenge) -> None:
        stories_by_different_tellers(the_conversation, by=mo, how_many=1)
        page = parse_page(client_after_rating(ana).get("/challenges/the-conversation/stories/").content)
        assert "Only one story fits" in page.text or "No story fits" in page.text
        assert Slate.objects.get().arm == ExperimentArm.SCARCE

    def test_empty_slate_offers_alternatives(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(client_after_rating(ana).get("/challenges/the-conversation/stories/").content)
        assert "No story fits where you are on this ladder yet." in page.text
        assert "/challenges/the-conversation/step/" in page.addresses

    def test_withdrawn_story_disappears_from_an_existing_slate(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories = stories_by_different_tellers(the_conversation, by=mo)
        client = client_after_rating(ana)
        html = parse_page(client.get("/challenges/the-conversation/stories/").content).text
        gone = next(story for story in stories if story.title in html)
        publishing.withdraw_story(gone, by=gone.teller)
        assert gone.title not in parse_page(client.get("/challenges/the-conversation/stories/").content).text

    def test_query_count_does_not_grow_with_the_stories(
        self, ana: User, mo: User, the_conversation: Challenge
    ) -> None:
        stories_by_different_tellers(the_conversation, by=mo, how_many=3)
        client = client_after_rating(ana)
        three = _slate_query_count(client)
        for number in range(3):
            published_story_with_media(create_person(f"late{number}"), the_conversation, by=mo, end_rung=1)
        client_after_rating(ana)
        assert _slate_query_count(client) <= three


def _slate_query_count(client: Client) -> int:
    client.get("/challenges/the-conversation/stories/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/challenges/the-conversation/stories/")
    return len(queries)
