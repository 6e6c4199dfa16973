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
def published_story(bo: User, mo: User, the_conversation: Challenge) -> Story:
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


class TestAccess:
    def test_member_can_load_every_media_file(self, published_story: Story, ana: User) -> None:
        client = logged_in_client(ana)
        assert {client.get(path).status_code for path in media_urls(published_story)} == {200, 302}

    def test_media_files_require_login(self, published_story: Story) -> None:
        assert {Client().get(path).status_code for path in media_urls(published_story)} == {404}

    def test_session_token_of_the_api_is_accepted(self, published_story: Story, ana: User) -> None:
        client = logged_in_client(ana)
        token = {"X-Session-Token": str(client.session.session_key)}
        assert {Client().get(path, headers=token).status_code for path in media_urls(published_story)} == {
            200,
            302,
        }
        client.logout()
        assert {Client().get(path, headers=token).status_code for path in media_urls(published_story)} == {
            404
        }

    @pytest.mark.parametrize("act", ["hide", "withdraw", "hold", "remove"])
    def test_revoked_story_answers_404_at_the_next_request(
        self, published_story: Story, ana: User, mo: User, act: str
    ) -> None:
        client = logged_in_client(ana)
        assert client.get(f"/watch/{published_story.pk}/hls/master.m3u8").status_code == 200
        _revoke_story(published_story, act, mo)
        assert {client.get(path).status_code for path in media_urls(published_story)} == {404}
        assert client.get(f"/stories/{published_story.pk}/").status_code == 404

    def test_hidden_story_is_playable_by_its_teller(self, published_story: Story, bo: User) -> None:
        _revoke_story(published_story, "hide", bo)
        assert logged_in_client(bo).get(f"/watch/{published_story.pk}/hls/master.m3u8").status_code == 200


class TestMediaFiles:
    def test_playlists_are_generated_and_never_cached(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).get(f"/watch/{published_story.pk}/hls/master.m3u8")
        assert response["Content-Type"] == "application/vnd.apple.mpegurl"
        assert response["Cache-Control"] == "no-store"
        assert response.content.startswith(b"#EXTM3U")
        assert b"://" not in response.content

    @pytest.mark.parametrize("name", MEDIA_FILES)
    def test_segments_redirect_to_short_lived_signed_urls(
        self, published_story: Story, ana: User, settings: Settings, name: str
    ) -> None:
        response = logged_in_client(ana).get(f"/watch/{published_story.pk}/hls/{name}")
        assert response.status_code == 302
        assert response["Cache-Control"] == "no-store"
        signed = urlsplit(response["Location"])
        assert f"{signed.scheme}://{signed.netloc}" == settings.S3_PUBLIC_ENDPOINT
        assert signed.path.endswith(f"/{name}")
        assert int(parse_qs(signed.query)["X-Amz-Expires"][0]) <= 60

    def test_captions_are_served_as_webvtt_with_nosniff(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).get(f"/watch/{published_story.pk}/captions/en.vtt")
        assert response["Content-Type"] == "text/vtt; charset=utf-8"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "I put it off for two years." in response.content.decode()

    @pytest.mark.parametrize(
        "name", ["v1080.m3u8", "v480_00016.m4s", "source.mp4", "..%2f..%2fraw", "%00", "poster.png"]
    )
    def test_unknown_file_names_answer_404(self, published_story: Story, ana: User, name: str) -> None:
        assert logged_in_client(ana).get(f"/watch/{published_story.pk}/hls/{name}").status_code == 404

    def test_captions_in_a_missing_language_answer_404(self, published_story: Story, ana: User) -> None:
        assert logged_in_client(ana).get(f"/watch/{published_story.pk}/captions/fr.vtt").status_code == 404

    def test_unplayable_recording_has_no_media_files(self, published_story: Story, ana: User) -> None:
        Video.objects.filter(story=published_story).update(status=Video.Status.STORED)
        assert logged_in_client(ana).get(f"/watch/{published_story.pk}/hls/master.m3u8").status_code == 404

    def test_segment_request_costs_three_queries(
        self, published_story: Story, ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = logged_in_client(ana)
        with django_assert_max_num_queries(3):
            client.get(f"/watch/{published_story.pk}/hls/v480_00000.m4s")


class TestStoryPage:
    def test_page_shows_chapters_captions_and_shared_traits(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).get(f"/stories/{published_story.pk}/")
        page = parse_page(response.content)
        assert page.headings == ["Ten words on a receipt"]
        assert "Where I started" in page.text
        assert f"/watch/{published_story.pk}/captions/en.vtt" in page.addresses
        assert "nights" in page.text
        assert "41" not in page.text
        assert "young children" not in page.text
        assert b"autoplay" not in response.content

    def test_transcript_is_readable_without_javascript(self, published_story: Story, ana: User) -> None:
        assert (
            "I put it off for two years."
            in parse_page(logged_in_client(ana).get(f"/stories/{published_story.pk}/").content).text
        )

    def test_missing_captions_are_stated(
        self, bo: User, mo: User, ana: User, the_conversation: Challenge
    ) -> None:
        without_captions = published_story_with_media(bo, the_conversation, by=mo, words="")
        assert (
            "no captions yet"
            in parse_page(logged_in_client(ana).get(f"/stories/{without_captions.pk}/").content).text
        )

    def test_page_contains_no_signed_url(self, published_story: Story, ana: User) -> None:
        assert (
            published_story.teller.email
            not in logged_in_client(ana).get(f"/stories/{published_story.pk}/").content.decode()
        )

    def test_demonstration_story_is_labelled(self, published_story: Story, ana: User) -> None:
        Story.objects.filter(pk=published_story.pk).update(made_up=True)
        assert (
            "Made-up demonstration story"
            in parse_page(logged_in_client(ana).get(f"/stories/{published_story.pk}/").content).text
        )

    def test_login_returns_to_the_story(self, published_story: Story) -> None:
        response = Client().get(f"/stories/{published_story.pk}/")
        assert response["Location"] == f"/accounts/login/?next=/stories/{published_story.pk}/"

    def test_teller_gets_a_link_to_their_page_and_no_viewing(self, published_story: Story, bo: User) -> None:
        response = logged_in_client(bo).get(f"/stories/{published_story.pk}/")
        assert f"/tell/{published_story.pk}/" in parse_page(response.content).addresses
        assert b"data-viewing-progress-url" not in response.content


class TestSaving:
    def test_story_is_saved_and_unsaved(self, published_story: Story, ana: User) -> None:
        client = logged_in_client(ana)
        client.post(f"/stories/{published_story.pk}/saved/", {"keep": "yes"})
        assert SavedStory.objects.filter(person=ana, story=published_story).count() == 1
        client.post(f"/stories/{published_story.pk}/saved/", {"keep": "no"})
        assert not SavedStory.objects.exists()

    def test_saving_keeps_the_slate_in_the_url(self, published_story: Story, ana: User) -> None:
        response = logged_in_client(ana).post(f"/stories/{published_story.pk}/saved/?slate=x%26y")
        assert response["Location"] == f"/stories/{published_story.pk}/?slate=x%26y"

    def test_invisible_story_cannot_be_saved(self, published_story: Story, ana: User) -> None:
        _revoke_story(published_story, "hide", ana)
        assert logged_in_client(ana).post(f"/stories/{published_story.pk}/saved/").status_code == 404


class TestViewingProgress:
    def test_furthest_position_is_saved_once_per_viewing(self, published_story: Story, ana: User) -> None:
        client = logged_in_client(ana)
        for furthest in (4_000, 21_000, 9_000):
            assert (
                client.post(f"/stories/{published_story.pk}/how-far/", {"furthest_ms": furthest}).status_code
                == 204
            )
        assert [viewing.furthest_ms for viewing in Viewing.objects.by(ana)] == [21_000]

    def test_viewing_is_linked_to_its_slate(self, published_story: Story, ana: User) -> None:
        slate = _create_slate(ana, published_story.challenge)
        logged_in_client(ana).post(
            f"/stories/{published_story.pk}/how-far/", {"furthest_ms": 1, "slate": slate}
        )
        assert str(Viewing.objects.get().slate_id) == slate

    def test_slate_of_another_user_is_ignored(self, published_story: Story, ana: User, sam: User) -> None:
        slate = _create_slate(sam, published_story.challenge)
        logged_in_client(ana).post(
            f"/stories/{published_story.pk}/how-far/", {"furthest_ms": 1, "slate": slate}
        )
        assert Viewing.objects.get().slate_id is None

    @pytest.mark.parametrize("furthest", ["", "soon", "-1", "1e3"])
    def test_invalid_position_is_rejected(self, published_story: Story, ana: User, furthest: str) -> None:
        response = logged_in_client(ana).post(
            f"/stories/{published_story.pk}/how-far/", {"furthest_ms": furthest}
        )
        assert response.status_code == 400


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
