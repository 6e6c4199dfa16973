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
def told(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return published_story_with_media(bo, the_conversation, by=mo, title="Ten words on a receipt")


@pytest.fixture
def kept(ana: User, the_conversation: Challenge) -> Step:
    return steps.create_step(the_conversation, "Write one sentence", by=ana, rung=2, now=timezone.now())


def save_rating(person: User, challenge: Challenge, value: int) -> None:
    ratings = dict.fromkeys(range(1, 8), value)
    readings.record_reading(challenge, ratings, by=person, moment=ReadingMoment.BEFORE, at=timezone.now())


class TestAfterWatching:
    def test_both_answers_are_kept(self, told: Story, ana: User) -> None:
        answer = logged_in_client(ana).post(f"/stories/{told.pk}/after/", HIGHER_RATINGS | {"like_me": 8})
        assert answer["Location"] == "/challenges/the-conversation/step/"
        assert Viewing.objects.get().like_me == 8
        assert Reading.objects.get().moment == ReadingMoment.AFTER

    def test_likeness_may_stay_open(self, told: Story, ana: User) -> None:
        logged_in_client(ana).post(f"/stories/{told.pk}/after/", HIGHER_RATINGS)
        assert Viewing.objects.get().like_me is None
        assert Reading.objects.count() == 1

    def test_half_an_answer_keeps_nothing(self, told: Story, ana: User) -> None:
        answer = logged_in_client(ana).post(f"/stories/{told.pk}/after/", {"like_me": 8})
        assert answer.status_code == 400
        assert len(error_summary_of(answer)) == 7
        assert not Viewing.objects.exists()
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("likeness", ["11", "-1", "very"])
    def test_likeness_off_its_scale_is_refused(self, told: Story, ana: User, likeness: str) -> None:
        answer = logged_in_client(ana).post(
            f"/stories/{told.pk}/after/", HIGHER_RATINGS | {"like_me": likeness}
        )
        assert answer.status_code == 400
        assert not Viewing.objects.exists()

    def test_what_may_not_be_seen_is_not_asked_about(self, told: Story, ana: User) -> None:
        publishing.set_story_hidden(told, by=told.teller, hidden=True)
        assert logged_in_client(ana).get(f"/stories/{told.pk}/after/").status_code == 404


class TestTheStep:
    def test_a_rise_is_shown_with_both_figures(self, told: Story, ana: User) -> None:
        save_rating(ana, told.challenge, 30)
        browser = logged_in_client(ana)
        browser.post(f"/stories/{told.pk}/after/", HIGHER_RATINGS)
        page = parse_page(browser.get("/challenges/the-conversation/step/").content)
        assert "You feel surer than before" in page.text
        assert "20 points out of 100 higher" in page.text

    def test_a_fall_is_met_with_kindness_and_an_offer_of_help(self, told: Story, ana: User) -> None:
        save_rating(ana, told.challenge, 80)
        browser = logged_in_client(ana)
        browser.post(f"/stories/{told.pk}/after/", LOW_RATINGS)
        page = parse_page(browser.get("/challenges/the-conversation/step/").content)
        assert "It says nothing about what you can do" in page.text
        assert "find someone who will listen" in page.text

    def test_without_two_readings_no_change_is_claimed(self, ana: User, the_conversation: Challenge) -> None:
        page = parse_page(logged_in_client(ana).get("/challenges/the-conversation/step/").content)
        assert "surer" not in page.text
        assert "as sure as before" not in page.text

    def test_the_next_rung_is_offered_first(self, ana: User, the_conversation: Challenge) -> None:
        ratings = dict.fromkeys(range(1, 8), 30) | {1: 90, 2: 80}
        readings.record_reading(
            the_conversation, ratings, by=ana, moment=ReadingMoment.BEFORE, at=timezone.now()
        )
        content = logged_in_client(ana).get("/challenges/the-conversation/step/").content.decode()
        assert '<option value="3" selected>' in content

    def test_it_is_kept_in_the_persons_own_words(self, ana: User, the_conversation: Challenge) -> None:
        browser = logged_in_client(ana)
        answer = browser.post("/challenges/the-conversation/step/", {"text": "Ask Jo on Tuesday", "rung": 3})
        assert answer["Location"] == "/my-steps/"
        kept = Step.objects.get()
        assert (kept.person, kept.text, kept.rung) == (ana, "Ask Jo on Tuesday", 3)
        assert "Ask Jo on Tuesday" in parse_page(browser.get("/my-steps/").content).text

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"text": "  ", "rung": 1}, "id_text"),
            ({"text": "x" * 301, "rung": 1}, "id_text"),
            ({"text": "Call", "rung": 9}, "id_rung"),
        ],
    )
    def test_what_is_missing_is_said_beside_its_field(
        self, ana: User, the_conversation: Challenge, given: dict[str, object], field: str
    ) -> None:
        answer = logged_in_client(ana).post("/challenges/the-conversation/step/", given)
        assert answer.status_code == 400
        assert list(error_summary_of(answer)) == [f"#{field}"]
        assert not Step.objects.exists()


class TestHowItWent:
    def test_it_is_kept(self, kept: Step, ana: User) -> None:
        logged_in_client(ana).post(f"/my-steps/{kept.pk}/", {"went": "partly", "attribution": "effort"})
        attempt = Attempt.objects.get()
        assert (attempt.step, attempt.went, attempt.attribution) == (kept, "partly", "effort")

    def test_a_success_invites_to_tell_the_next_person(self, kept: Step, ana: User) -> None:
        page = parse_page(logged_in_client(ana).post(f"/my-steps/{kept.pk}/", {"went": "done"}).content)
        assert page.headings == ["You did it"]
        assert "/tell/start/" in page.addresses

    def test_not_being_capable_becomes_a_way_that_did_not_fit(self, kept: Step, ana: User) -> None:
        answer = logged_in_client(ana).post(
            f"/my-steps/{kept.pk}/", {"went": "did_not_work", "attribution": "ability"}
        )
        page = parse_page(answer.content)
        assert "this way of doing it did not work" in page.text
        assert "/challenges/the-conversation/stories/" in page.addresses

    def test_how_it_went_has_to_be_chosen(self, kept: Step, ana: User) -> None:
        answer = logged_in_client(ana).post(f"/my-steps/{kept.pk}/", {"attribution": "effort"})
        assert answer.status_code == 400
        assert not Attempt.objects.exists()

    def test_somebody_elses_step_is_not_there(self, kept: Step, sam: User) -> None:
        assert logged_in_client(sam).get(f"/my-steps/{kept.pk}/").status_code == 404
        assert logged_in_client(sam).post(f"/my-steps/{kept.pk}/", {"went": "done"}).status_code == 404
        assert not Attempt.objects.exists()


class TestLists:
    def test_steps_are_ones_own(self, kept: Step, ana: User, sam: User) -> None:
        assert "Write one sentence" in parse_page(logged_in_client(ana).get("/my-steps/").content).text
        assert "Write one sentence" not in parse_page(logged_in_client(sam).get("/my-steps/").content).text

    def test_many_steps_come_in_leaves_at_the_same_cost(
        self,
        ana: User,
        the_conversation: Challenge,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(45):
            steps.create_step(the_conversation, f"Step no. {number}.", by=ana, rung=1, now=timezone.now())
        browser, found, path = logged_in_client(ana), set[str](), "/my-steps/"
        while path:
            with django_assert_max_num_queries(5):
                page = parse_page(browser.get(path).content)
            found |= set(page.text.split("Step no. ")[1:])
            path = next((f"/my-steps/{a}" for a in page.addresses if a.startswith("?after=")), "")
        assert {int(words.split(".")[0]) for words in found} == set(range(45))

    def test_saved_stories_can_be_found_again_until_they_are_taken_back(
        self, told: Story, ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        viewings.save_story(told, by=ana, now=timezone.now())
        browser = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            assert "Ten words on a receipt" in parse_page(browser.get("/saved/").content).text
        publishing.set_story_hidden(told, by=told.teller, hidden=True)
        assert "Ten words on a receipt" not in parse_page(browser.get("/saved/").content).text

    def test_many_saved_stories_cost_no_more(
        self,
        ana: User,
        mo: User,
        the_conversation: Challenge,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(6):
            story = published_story_with_media(create_person(f"teller{number}"), the_conversation, by=mo)
            viewings.save_story(story, by=ana, now=timezone.now())
        browser = logged_in_client(ana)
        with django_assert_max_num_queries(5):
            browser.get("/saved/")

    @pytest.mark.parametrize("path", ["/my-steps/", "/saved/"])
    def test_lists_need_an_account(self, path: str) -> None:
        assert Client().get(path)["Location"].startswith("/accounts/login/")
