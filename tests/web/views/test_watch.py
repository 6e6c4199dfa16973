from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from media.models import Video
from practice.models import SavedStory, Viewing
from recommendations.slates import get_or_create_slate, reading_for_slate
from stories import publishing
from stories.models import Story
from tests.web.clients import logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import MEDIA_FILES, published_story_with_media

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return published_story_with_media(
        bo,
        the_conversation,
        by=mo,
        title="Ten words on a receipt",
        traits_then={"age": 41, "work_pattern": "nights", "has_children": "young"},
        shown_traits=["work_pattern"],
    )


def media_urls(story: Story) -> list[str]:
    names = ["master.m3u8", "v480.m3u8", "a.m3u8", *MEDIA_FILES]
    return [f"/watch/{story.pk}/hls/{name}" for name in names] + [f"/watch/{story.pk}/captions/en.vtt"]


class TestWhoMayWatch:
    def test_a_member_gets_every_byte(self, told: Story, ana: User) -> None:
        browser = logged_in_client(ana)
        assert {browser.get(path).status_code for path in media_urls(told)} == {200, 302}

    def test_nobody_gets_a_byte_without_logging_in(self, told: Story) -> None:
        assert {Client().get(path).status_code for path in media_urls(told)} == {404}

    def test_a_program_plays_with_the_session_token_of_the_api(self, told: Story, ana: User) -> None:
        browser = logged_in_client(ana)
        token = {"X-Session-Token": str(browser.session.session_key)}
        assert {Client().get(path, headers=token).status_code for path in media_urls(told)} == {200, 302}
        browser.logout()
        assert {Client().get(path, headers=token).status_code for path in media_urls(told)} == {404}

    @pytest.mark.parametrize("act", ["hide", "withdraw", "hold", "remove"])
    def test_what_is_taken_back_is_gone_at_the_next_request(
        self, told: Story, ana: User, mo: User, act: str
    ) -> None:
        browser = logged_in_client(ana)
        assert browser.get(f"/watch/{told.pk}/hls/master.m3u8").status_code == 200
        _revoke_story(told, act, mo)
        assert {browser.get(path).status_code for path in media_urls(told)} == {404}
        assert browser.get(f"/stories/{told.pk}/").status_code == 404

    def test_the_teller_still_watches_what_they_hid(self, told: Story, bo: User) -> None:
        _revoke_story(told, "hide", bo)
        assert logged_in_client(bo).get(f"/watch/{told.pk}/hls/master.m3u8").status_code == 200


class TestBytes:
    def test_playlists_are_answered_here_and_kept_nowhere(self, told: Story, ana: User) -> None:
        answer = logged_in_client(ana).get(f"/watch/{told.pk}/hls/master.m3u8")
        assert answer["Content-Type"] == "application/vnd.apple.mpegurl"
        assert answer["Cache-Control"] == "no-store"
        assert answer.content.startswith(b"#EXTM3U")
        assert b"://" not in answer.content

    @pytest.mark.parametrize("name", MEDIA_FILES)
    def test_pieces_come_from_the_bucket_by_an_address_that_lasts_a_minute(
        self, told: Story, ana: User, settings: Settings, name: str
    ) -> None:
        answer = logged_in_client(ana).get(f"/watch/{told.pk}/hls/{name}")
        assert answer.status_code == 302
        assert answer["Cache-Control"] == "no-store"
        signed = urlsplit(answer["Location"])
        assert f"{signed.scheme}://{signed.netloc}" == settings.S3_PUBLIC_ENDPOINT
        assert signed.path.endswith(f"/{name}")
        assert int(parse_qs(signed.query)["X-Amz-Expires"][0]) <= 60

    def test_captions_are_plain_text_that_no_browser_takes_for_anything_else(
        self, told: Story, ana: User
    ) -> None:
        answer = logged_in_client(ana).get(f"/watch/{told.pk}/captions/en.vtt")
        assert answer["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "I put it off for two years." in answer.content.decode()

    @pytest.mark.parametrize(
        "name", ["v1080.m3u8", "v480_00016.m4s", "source.mp4", "..%2f..%2fraw", "%00", "poster.png"]
    )
    def test_other_names_lead_nowhere(self, told: Story, ana: User, name: str) -> None:
        assert logged_in_client(ana).get(f"/watch/{told.pk}/hls/{name}").status_code == 404

    def test_captions_in_a_language_that_is_not_there_lead_nowhere(self, told: Story, ana: User) -> None:
        assert logged_in_client(ana).get(f"/watch/{told.pk}/captions/fr.vtt").status_code == 404

    def test_a_recording_that_does_not_play_has_no_bytes(self, told: Story, ana: User) -> None:
        Video.objects.filter(story=told).update(status=Video.Status.STORED)
        assert logged_in_client(ana).get(f"/watch/{told.pk}/hls/master.m3u8").status_code == 404

    def test_a_piece_costs_the_session_the_person_and_one_look_at_the_story(
        self, told: Story, ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        browser = logged_in_client(ana)
        with django_assert_max_num_queries(3):
            browser.get(f"/watch/{told.pk}/hls/v480_00000.m4s")


class TestThePageOfAStory:
    def test_it_shows_chapters_captions_and_what_the_teller_agreed_to_show(
        self, told: Story, ana: User
    ) -> None:
        answer = logged_in_client(ana).get(f"/stories/{told.pk}/")
        page = parse_page(answer.content)
        assert page.headings == ["Ten words on a receipt"]
        assert "Where I started" in page.text
        assert f"/watch/{told.pk}/captions/en.vtt" in page.addresses
        assert "nights" in page.text
        assert "41" not in page.text
        assert "young children" not in page.text
        assert b"autoplay" not in answer.content

    def test_what_is_said_can_be_read_without_a_script(self, told: Story, ana: User) -> None:
        assert (
            "I put it off for two years."
            in parse_page(logged_in_client(ana).get(f"/stories/{told.pk}/").content).text
        )

    def test_it_says_when_there_are_no_captions(
        self, bo: User, mo: User, ana: User, the_conversation: Challenge
    ) -> None:
        silent = published_story_with_media(bo, the_conversation, by=mo, words="")
        assert (
            "no captions yet" in parse_page(logged_in_client(ana).get(f"/stories/{silent.pk}/").content).text
        )

    def test_it_never_shows_an_address(self, told: Story, ana: User) -> None:
        assert told.teller.email not in logged_in_client(ana).get(f"/stories/{told.pk}/").content.decode()

    def test_a_made_up_story_is_said_to_be_one(self, told: Story, ana: User) -> None:
        Story.objects.filter(pk=told.pk).update(made_up=True)
        assert (
            "Made-up demonstration story"
            in parse_page(logged_in_client(ana).get(f"/stories/{told.pk}/").content).text
        )

    def test_one_asks_to_log_in_and_comes_back(self, told: Story) -> None:
        answer = Client().get(f"/stories/{told.pk}/")
        assert answer["Location"] == f"/accounts/login/?next=/stories/{told.pk}/"

    def test_the_teller_is_led_to_their_own_page_and_counted_as_no_viewer(
        self, told: Story, bo: User
    ) -> None:
        answer = logged_in_client(bo).get(f"/stories/{told.pk}/")
        assert f"/tell/{told.pk}/" in parse_page(answer.content).addresses
        assert b"data-viewing-progress-url" not in answer.content


class TestSaving:
    def test_a_story_is_kept_and_let_go(self, told: Story, ana: User) -> None:
        browser = logged_in_client(ana)
        browser.post(f"/stories/{told.pk}/saved/", {"keep": "yes"})
        assert SavedStory.objects.filter(person=ana, story=told).count() == 1
        browser.post(f"/stories/{told.pk}/saved/", {"keep": "no"})
        assert not SavedStory.objects.exists()

    def test_one_comes_back_to_the_story_as_part_of_the_same_slate(self, told: Story, ana: User) -> None:
        answer = logged_in_client(ana).post(f"/stories/{told.pk}/saved/?slate=x%26y")
        assert answer["Location"] == f"/stories/{told.pk}/?slate=x%26y"

    def test_what_cannot_be_seen_cannot_be_saved(self, told: Story, ana: User) -> None:
        _revoke_story(told, "hide", ana)
        assert logged_in_client(ana).post(f"/stories/{told.pk}/saved/").status_code == 404


class TestHowFar:
    def test_the_furthest_moment_is_noted_once_per_viewing(self, told: Story, ana: User) -> None:
        browser = logged_in_client(ana)
        for furthest in (4_000, 21_000, 9_000):
            assert browser.post(f"/stories/{told.pk}/how-far/", {"furthest_ms": furthest}).status_code == 204
        assert [one.furthest_ms for one in Viewing.objects.by(ana)] == [21_000]

    def test_the_viewing_knows_the_slate_it_came_from(self, told: Story, ana: User) -> None:
        slate = _create_slate(ana, told.challenge)
        logged_in_client(ana).post(f"/stories/{told.pk}/how-far/", {"furthest_ms": 1, "slate": slate})
        assert str(Viewing.objects.get().slate_id) == slate

    def test_somebody_elses_slate_is_not_taken_for_ones_own(self, told: Story, ana: User, sam: User) -> None:
        slate = _create_slate(sam, told.challenge)
        logged_in_client(ana).post(f"/stories/{told.pk}/how-far/", {"furthest_ms": 1, "slate": slate})
        assert Viewing.objects.get().slate_id is None

    @pytest.mark.parametrize("furthest", ["", "soon", "-1", "1e3"])
    def test_a_time_that_is_none_is_refused(self, told: Story, ana: User, furthest: str) -> None:
        answer = logged_in_client(ana).post(f"/stories/{told.pk}/how-far/", {"furthest_ms": furthest})
        assert answer.status_code == 400


def _create_slate(viewer: User, challenge: Challenge) -> str:
    now = timezone.now() - timedelta(minutes=1)
    ratings = dict.fromkeys(range(1, 8), 30)
    readings.record_reading(challenge, ratings, by=viewer, moment=ReadingMoment.BEFORE, at=now)
    return str(get_or_create_slate(reading_for_slate(viewer, challenge.slug), now=now).pk)


def _revoke_story(story: Story, act: str, by: User) -> None:
    match act:
        case "hide":
            publishing.set_story_hidden(story, by=story.teller, hidden=True)
        case "withdraw":
            publishing.withdraw_story(story, by=story.teller)
        case "hold":
            publishing.set_story_held(story, by=by, held=True)
        case "remove":
            publishing.remove_story(story, by=by, expected_version=story.version, reason="a third party")
