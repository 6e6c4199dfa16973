"""The recording of a story: its page, its chapters, its captions, and its bytes for its teller alone."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from media.captions.vtt import format_vtt, parse_captions
from media.models import Video
from stories import drafts, publishing
from stories.models import Story
from tests.story_factories import (
    CAPTIONS_TEXT,
    VIDEO_AND_AUDIO_MASTER,
    create_complete_draft,
    create_recording,
    create_story_in_review,
)
from tests.web.clients import error_summary_of, logged_in_client
from web.forms.chapters import TimecodeField, format_timecode

pytestmark = pytest.mark.django_db
WEBVTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nFor two years I put it off.\n"
SUBRIP = "1\n00:00:01,000 --> 00:00:03,000\nFor two years I put it off.\n"


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def story_url(story: Story, part: str) -> str:
    return f"/tell/{story.pk}/{part}"


def formset_data(*chapters: dict[str, Any], seen: int) -> dict[str, Any]:
    """Return what the chapters' form sends for these rows."""
    sent = {"seen": seen, "chapters-TOTAL_FORMS": len(chapters), "chapters-INITIAL_FORMS": 0}
    for number, chapter in enumerate(chapters):
        sent |= {f"chapters-{number}-{name}": value for name, value in chapter.items()}
    return sent


def saved_chapters(story: Story) -> list[tuple[str, int]]:
    return [(chapter.kind, chapter.start_ms) for chapter in story.chapters.all()]


def test_chapters_typed_in_any_order_are_kept_in_order_of_time(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(
        story_url(told, "chapters/"),
        formset_data(
            {"kind": "result", "start_ms": "0:25.5", "text": "In the end"},
            {"kind": "setback", "start_ms": "12", "barrier": "freezing", "rung": "3"},
            {"kind": "", "start_ms": ""},
            {"kind": "doubt", "start_ms": "0:05", "DELETE": "on"},
            {"kind": "start", "start_ms": "0:00"},
            seen=told.version,
        ),
    )
    assert answer.status_code == 302
    assert saved_chapters(told) == [("start", 0), ("setback", 12_000), ("result", 25_500)]
    setback = told.chapters.get(kind="setback")
    assert setback.barrier is not None
    assert (setback.barrier.key, setback.rung) == ("freezing", 3)


def test_chapters_that_are_there_are_shown_as_they_are_typed(bo: User, told: Story) -> None:
    shown = logged_in_client(bo).get(story_url(told, "chapters/")).content.decode()
    assert 'value="0:00"' in shown
    assert 'value="0:20"' in shown
    assert 'name="chapters-INITIAL_FORMS" value="2"' in shown


def test_saving_the_chapters_page_as_it_stands_changes_none(bo: User, told: Story) -> None:
    before = saved_chapters(told)
    sent = formset_data(
        {"kind": "start", "start_ms": "0:00", "text": "At first"},
        {"kind": "result", "start_ms": "0:20", "text": "In the end"},
        seen=told.version,
    )
    sent["chapters-INITIAL_FORMS"] = 2
    assert logged_in_client(bo).post(story_url(told, "chapters/"), sent).status_code == 302
    assert saved_chapters(told) == before


def test_a_time_that_cannot_be_read_is_said_beside_its_chapter(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(
        story_url(told, "chapters/"),
        formset_data({"kind": "start", "start_ms": "half past"}, seen=told.version),
    )
    assert answer.status_code == 400
    assert list(error_summary_of(answer)) == ["#id_chapters-0-start_ms"]
    assert saved_chapters(told) == [("start", 0), ("result", 20_000)]


def test_two_chapters_at_one_moment_are_refused_in_words(bo: User, told: Story) -> None:
    twice = formset_data(
        {"kind": "start", "start_ms": "1"}, {"kind": "doubt", "start_ms": "0:01"}, seen=told.version
    )
    answer = logged_in_client(bo).post(story_url(told, "chapters/"), twice)
    assert answer.status_code == 400
    assert "Chapters have to follow one another in time." in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "milliseconds"),
    [("0", 0), ("65", 65_000), ("1:05", 65_000), ("1:05.25", 65_250), ("0:01:05,5", 65_500), ("", None)],
)
def test_a_moment_is_read_as_people_type_it(typed: str, milliseconds: int | None) -> None:
    assert TimecodeField(required=False).clean(typed) == milliseconds


@pytest.mark.parametrize("milliseconds", [0, 999, 65_000, 65_250, 3_599_999])
def test_a_moment_is_written_so_that_it_reads_as_the_same(milliseconds: int) -> None:
    assert TimecodeField().clean(format_timecode(milliseconds)) == milliseconds


@pytest.mark.parametrize(("name", "text"), [("words.vtt", WEBVTT), ("words.srt", SUBRIP)])
def test_a_file_of_captions_is_kept_as_our_own_plain_captions(
    name: str, text: str, bo: User, told: Story
) -> None:
    file = SimpleUploadedFile(name, b"\xef\xbb\xbf" + text.encode())
    seen = told.version
    sent = {"seen": seen, "language": "en", "file": file}
    answer = logged_in_client(bo).post(story_url(told, "captions/"), sent, follow=True)
    assert "The captions are saved." in answer.content.decode()
    spoken = logged_in_client(bo).get(story_url(told, "words/en.vtt"))
    assert spoken.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert spoken.content.decode().startswith("WEBVTT")
    assert "For two years I put it off." in spoken.content.decode()
    told.refresh_from_db()
    assert told.version == seen + 1


def test_pasted_captions_that_cannot_be_read_name_their_line(bo: User, told: Story) -> None:
    wrong = WEBVTT.replace("-->", "to")
    answer = logged_in_client(bo).post(
        story_url(told, "captions/"), {"seen": told.version, "language": "en", "text": wrong}
    )
    assert answer.status_code == 400
    ((target, words),) = error_summary_of(answer).items()
    assert target == "#id_text"
    assert "Line 3" in words
    assert "For two years I put it off." in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty."),
        ("Grüße".encode("latin-1"), "This file is not in UTF-8."),
        (b"x" * 500_001, "This file is larger than 500 KB"),
        (b"WEBVTT\n", "There are no captions in this file."),
    ],
)
def test_a_file_that_holds_no_captions_is_refused_in_words(
    content: bytes, words: str, bo: User, told: Story
) -> None:
    file = SimpleUploadedFile("words.vtt", content)
    answer = logged_in_client(bo).post(
        story_url(told, "captions/"), {"seen": told.version, "language": "en", "file": file}
    )
    assert answer.status_code == 400
    ((target, said),) = error_summary_of(answer).items()
    assert target == "#id_file"
    assert words in said


def test_nothing_chosen_and_nothing_pasted_is_said(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(story_url(told, "captions/"), {"seen": told.version, "language": "en"})
    assert error_summary_of(answer) == {
        "#id_file": "Caption file: Choose a caption file, or paste the captions below."
    }


def test_captions_of_a_story_in_review_stay_as_they_were_seen(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    answer = logged_in_client(bo).post(
        story_url(story, "captions/"), {"seen": story.version, "language": "en", "text": WEBVTT}
    )
    assert answer.status_code == 409
    assert story.video is not None
    assert story.video.captions.get().vtt == format_vtt(parse_captions(CAPTIONS_TEXT))


def test_captions_need_a_recording(bo: User, the_conversation: Challenge) -> None:
    bare = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Bare"), by=bo)
    assert "add your recording" in logged_in_client(bo).get(story_url(bare, "captions/")).content.decode()
    answer = logged_in_client(bo).post(
        story_url(bare, "captions/"), {"seen": bare.version, "language": "en", "text": WEBVTT}
    )
    assert answer.status_code == 400


def test_the_page_for_sending_says_the_limits_and_needs_no_words_of_the_script(
    bo: User, the_conversation: Challenge, settings: Settings
) -> None:
    bare = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Bare"), by=bo)
    shown = logged_in_client(bo).get(story_url(bare, "recording/")).content.decode()
    assert f'data-max-bytes="{settings.UPLOAD_MAX_BYTES}"' in shown
    assert 'data-uploads-url="/api/v1/uploads"' in shown
    assert "<noscript>" in shown
    assert 'data-version="1"' in shown


@pytest.mark.parametrize("status", [Video.Status.STORED, Video.Status.PROCESSING])
def test_a_recording_on_its_way_shows_how_far_it_is(status: Video.Status, bo: User, told: Story) -> None:
    told = drafts.attach_recording(
        told, create_recording(bo, status=status), by=bo, expected_version=told.version
    )
    assert told.video is not None
    Video.objects.filter(pk=told.video.pk).update(percent=40)
    shown = logged_in_client(bo).get(story_url(told, "recording/")).content.decode()
    assert f'data-progress-url="/api/v1/stories/{told.pk}/progress"' in shown
    assert 'value="40"' in shown
    assert "data-player" not in shown


def test_the_page_says_how_long_the_recording_is(bo: User, told: Story) -> None:
    Video.objects.filter(story=told).update(duration_ms=1_200_000)
    assert "Ready, 20 min" in logged_in_client(bo).get(story_url(told, "recording/")).content.decode()


def test_a_picture_is_chosen_for_the_story(bo: User, told: Story) -> None:
    browser = logged_in_client(bo)
    assert browser.get(story_url(told, "recording/")).content.decode().count('name="poster"') == 3
    browser.post(story_url(told, "poster/"), {"poster": "2", "seen": told.version})
    told.refresh_from_db()
    assert told.poster == 2
    assert "poster_2.jpg" in browser.get(story_url(told, "hls/poster.jpg"))["Location"]


@pytest.mark.parametrize("chosen", ["3", "-1", "\u00b2", "", "x"])
def test_a_picture_that_is_not_there_is_refused_in_words(bo: User, told: Story, chosen: str) -> None:
    answer = logged_in_client(bo).post(
        story_url(told, "poster/"), {"poster": chosen, "seen": told.version}, follow=True
    )
    assert "There is no such picture." in answer.content.decode()
    told.refresh_from_db()
    assert told.poster == 0


def test_the_smallest_size_can_be_watched_by_its_teller_alone_while_the_rest_is_made(
    bo: User, ana: User, mo: User, told: Story
) -> None:
    Video.objects.filter(story=told).update(status=Video.Status.PROCESSING, percent=40)
    shown = logged_in_client(bo).get(story_url(told, "recording/")).content.decode()
    assert "You can already watch it." in shown
    assert "data-player" in shown
    for name in ("hls/master.m3u8", "hls/storyboard.vtt"):
        assert logged_in_client(bo).get(story_url(told, name)).status_code == 200
    for name in ("hls/master.m3u8", "hls/storyboard.vtt", "hls/storyboard.jpg", "hls/poster_1.jpg"):
        for other in (ana, mo):
            assert logged_in_client(other).get(story_url(told, name)).status_code == 404
            assert logged_in_client(other).get(f"/watch/{told.pk}/{name}").status_code == 404


def test_the_beginning_can_be_watched_by_its_teller_alone_while_the_rest_is_being_checked(
    bo: User, ana: User, mo: User, told: Story
) -> None:
    growing = replace(VIDEO_AND_AUDIO_MASTER, posters=0, storyboard=None, growing=4)
    Video.objects.filter(story=told).update(
        status=Video.Status.PROCESSING, percent=10, duration_ms=None, master=growing.as_json()
    )
    shown = logged_in_client(bo).get(story_url(told, "recording/")).content.decode()
    assert "You can already watch the first part" in shown
    assert "data-player" in shown
    assert "poster.jpg" not in shown
    assert "data-filmstrip" not in shown
    for name, answer in {
        "master.m3u8": 200,
        "v720.m3u8": 200,
        "v720_00000.m4s": 302,
        "poster.jpg": 404,
    }.items():
        assert logged_in_client(bo).get(story_url(told, f"hls/{name}")).status_code == answer
        for other in (ana, mo):
            assert logged_in_client(other).get(story_url(told, f"hls/{name}")).status_code == 404
            assert logged_in_client(other).get(f"/watch/{told.pk}/hls/{name}").status_code == 404
        assert Client().get(f"/watch/{told.pk}/hls/{name}").status_code == 404
    assert "data-player" in logged_in_client(bo).get(story_url(told, "")).content.decode()


def test_a_recording_that_cannot_be_played_says_why(bo: User, told: Story) -> None:
    broken = create_recording(bo, status=Video.Status.UNPLAYABLE)
    told = drafts.attach_recording(told, broken, by=bo, expected_version=told.version)
    shown = logged_in_client(bo).get(story_url(told, "recording/")).content.decode()
    assert broken.reason in shown
    assert "Replace the recording" in shown


def test_bytes_of_a_draft_are_its_tellers_alone(bo: User, ana: User, mo: User, told: Story) -> None:
    logged_in_client(bo).post(
        story_url(told, "captions/"), {"seen": told.version, "language": "en", "text": WEBVTT}
    )
    assert logged_in_client(bo).get(story_url(told, "words/en.vtt")).status_code == 200
    for other in (ana, mo):
        for name in ("words/en.vtt", "hls/master.m3u8", "hls/poster.jpg"):
            assert logged_in_client(other).get(story_url(told, name)).status_code == 404


def test_bytes_of_a_story_taken_back_are_gone_for_its_teller_too(bo: User, told: Story) -> None:
    logged_in_client(bo).post(
        story_url(told, "captions/"), {"seen": told.version, "language": "en", "text": WEBVTT}
    )
    publishing.withdraw_story(told, by=bo)
    assert logged_in_client(bo).get(story_url(told, "words/en.vtt")).status_code == 404
    assert logged_in_client(bo).get(story_url(told, "hls/master.m3u8")).status_code == 404
