import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, Reading, ReadingMoment
from practice import steps, viewings
from practice.models import Attempt, Step, Viewing
from stories import publishing
from stories.models import Story
from tests.people import create_person
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db
LOW_RATINGS = {f"ratings.{position}": 30 for position in range(1, 8)}
HIGHER_RATINGS = {f"ratings.{position}": 50 for position in range(1, 8)}


@pytest.fixture
def published_story(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return published_story_with_media(bo, the_conversation, by=mo, title="Ten words on a receipt")


@pytest.fixture
def open_step(ana: User, the_conversation: Challenge) -> Step:
    return steps.create_step(the_conversation, "Write one sentence", by=ana, rung=2, now=timezone.now())


def save_rating(person: User, challenge: Challenge, value: int) -> None:
    ratings = dict.fromkeys(range(1, 8), value)
    readings.record_reading(challenge, ratings, by=person, moment=ReadingMoment.BEFORE, at=timezone.now())


class TestAfterWatching:
    def test_both_ratings_are_saved(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).post(
            f"/stories/{published_story.pk}/after/", HIGHER_RATINGS | {"like_me": 8}
        )
        assert response["Location"] == "/challenges/the-conversation/step/"
        assert Viewing.objects.get().like_me == 8
        assert Reading.objects.get().moment == ReadingMoment.AFTER

    def test_similarity_rating_is_optional(self, published_story: Story, ana: User) -> None:
        logged_in_client(ana).post(f"/stories/{published_story.pk}/after/", HIGHER_RATINGS)
        assert Viewing.objects.get().like_me is None
        assert Reading.objects.count() == 1

    def test_incomplete_ratings_save_nothing(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).post(f"/stories/{published_story.pk}/after/", {"like_me": 8})
        assert response.status_code == 400
        assert len(error_summary_of(response)) == 7
        assert not Viewing.objects.exists()
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("likeness", ["11", "-1", "very"])
    def test_similarity_rating_outside_the_scale_is_rejected(
        self, published_story: Story, ana: User, likeness: str
    ) -> None:
        response = logged_in_client(ana).post(
            f"/stories/{published_story.pk}/after/", HIGHER_RATINGS | {"like_me": likeness}
        )
        assert response.status_code == 400
        assert not Viewing.objects.exists()

    def test_invisible_story_answers_404(self, published_story: Story, ana: User) -> None:
        publishing.set_story_hidden(published_story, by=published_story.teller, hidden=True)
        assert logged_in_client(ana).get(f"/stories/{published_story.pk}/after/").status_code == 404


class TestStep:
    def test_increase_is_shown_with_both_values(self, published_story: Story, ana: User) -> None:
        save_rating(ana, published_story.challenge, 30)
        client = logged_in_client(ana)
        client.post(f"/stories/{published_story.pk}/after/", HIGHER_RATINGS)
        page = parse_page(client.get("/challenges/the-conversation/step/").content)
        assert "You feel surer than before" in page.text
        assert "20 points out of 100 higher" in page.text

    def test_decrease_offers_help(self, published_story: Story, ana: User) -> None:
        save_rating(ana, published_story.challenge, 80)
        client = logged_in_client(ana)
        client.post(f"/stories/{published_story.pk}/after/", LOW_RATINGS)
        page = parse_page(client.get("/challenges/the-conversation/step/").content)
        assert "It says nothing about what you can do" in page.text
        assert "find someone who will listen" in page.text

    def test_no_change_is_shown_without_two_readings(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(logged_in_client(ana).get("/challenges/the-conversation/step/").content)
        assert "surer" not in page.text
        assert "as sure as before" not in page.text

    def test_next_rung_is_preselected(self, ana: User, the_conversation: Challenge) -> None:
        ratings = dict.fromkeys(range(1, 8), 30) | {1: 90, 2: 80}
        readings.record_reading(
            the_conversation, ratings, by=ana, moment=ReadingMoment.BEFORE, at=timezone.now()
        )
        content = logged_in_client(ana).get("/challenges/the-conversation/step/").content.decode()
        assert '<option value="3" selected>' in content

    def test_step_is_saved_with_its_text(self, ana: User, the_conversation: Challenge) -> None:
        client = logged_in_client(ana)
        response = client.post("/challenges/the-conversation/step/", {"text": "Ask Jo on Tuesday", "rung": 3})
        assert response["Location"] == "/my-steps/"
        open_step = Step.objects.get()
        assert (open_step.person, open_step.text, open_step.rung) == (ana, "Ask Jo on Tuesday", 3)
        assert "Ask Jo on Tuesday" in parse_page(client.get("/my-steps/").content).text

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"text": "  ", "rung": 1}, "id_text"),
            ({"text": "x" * 301, "rung": 1}, "id_text"),
            ({"text": "Call", "rung": 9}, "id_rung"),
        ],
    )
    def test_missing_values_are_reported_at_their_field(
        self, ana: User, the_conversation: Challenge, data: dict[str, object], field: str
    ) -> None:
        response = logged_in_client(ana).post("/challenges/the-conversation/step/", data)
        assert response.status_code == 400
        assert list(error_summary_of(response)) == [f"#{field}"]
        assert not Step.objects.exists()


class TestAttempt:
    def test_attempt_is_saved(self, open_step: Step, ana: User) -> None:
        logged_in_client(ana).post(f"/my-steps/{open_step.pk}/", {"went": "partly", "attribution": "effort"})
        attempt = Attempt.objects.get()
        assert (attempt.step, attempt.went, attempt.attribution) == (open_step, "partly", "effort")

    def test_success_invites_to_tell_a_story(self, open_step: Step, ana: User) -> None:
        page = parse_page(logged_in_client(ana).post(f"/my-steps/{open_step.pk}/", {"went": "done"}).content)
        assert page.headings == ["You did it"]
        assert "/tell/start/" in page.addresses

    def test_attribution_to_ability_is_reframed(self, open_step: Step, ana: User) -> None:
        response = logged_in_client(ana).post(
            f"/my-steps/{open_step.pk}/", {"went": "did_not_work", "attribution": "ability"}
        )
        page = parse_page(response.content)
        assert "this way of doing it did not work" in page.text
        assert "/challenges/the-conversation/stories/" in page.addresses

    def test_attempt_result_is_required(self, open_step: Step, ana: User) -> None:
        response = logged_in_client(ana).post(f"/my-steps/{open_step.pk}/", {"attribution": "effort"})
        assert response.status_code == 400
        assert not Attempt.objects.exists()

    def test_step_of_another_user_answers_404(self, open_step: Step, sam: User) -> None:
        assert logged_in_client(sam).get(f"/my-steps/{open_step.pk}/").status_code == 404
        assert logged_in_client(sam).post(f"/my-steps/{open_step.pk}/", {"went": "done"}).status_code == 404
        assert not Attempt.objects.exists()


class TestLists:
    def test_list_contains_own_steps_only(self, open_step: Step, ana: User, sam: User) -> None:
        assert "Write one sentence" in parse_page(logged_in_client(ana).get("/my-steps/").content).text
        assert "Write one sentence" not in parse_page(logged_in_client(sam).get("/my-steps/").content).text

    def test_steps_are_paginated_with_a_constant_query_count(
        self,
        ana: User,
        the_conversation: Challenge,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(45):
            steps.create_step(the_conversation, f"Step no. {number}.", by=ana, rung=1, now=timezone.now())
        client, numbers, path = logged_in_client(ana), set[str](), "/my-steps/"
        while path:
            with django_assert_max_num_queries(5):
                page = parse_page(client.get(path).content)
            numbers |= set(page.text.split("Step no. ")[1:])
            path = next((f"/my-steps/{a}" for a in page.addresses if a.startswith("?after=")), "")
        assert {int(text.split(".")[0]) for text in numbers} == set(range(45))

    def test_saved_stories_are_listed_until_they_are_withdrawn(
        self, published_story: Story, ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        viewings.save_story(published_story, by=ana, now=timezone.now())
        client = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            assert "Ten words on a receipt" in parse_page(client.get("/saved/").content).text
        publishing.set_story_hidden(published_story, by=published_story.teller, hidden=True)
        assert "Ten words on a receipt" not in parse_page(client.get("/saved/").content).text

    def test_saved_stories_have_a_constant_query_count(
        self,
        ana: User,
        mo: User,
        the_conversation: Challenge,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(6):
            story = published_story_with_media(create_person(f"teller{number}"), the_conversation, by=mo)
            viewings.save_story(story, by=ana, now=timezone.now())
        client = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            client.get("/saved/")

    @pytest.mark.parametrize("path", ["/my-steps/", "/saved/"])
    def test_lists_require_login(self, path: str) -> None:
        assert Client().get(path)["Location"].startswith("/accounts/login/")
