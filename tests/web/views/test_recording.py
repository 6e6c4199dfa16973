"""Recording, chapters, captions and media files of a teller's own story."""

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
from stories.draft_validation import StoryDraft
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
def own_draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def story_url(story: Story, part: str) -> str:
    return f"/tell/{story.pk}/{part}"


def formset_data(*chapters: dict[str, Any], seen: int) -> dict[str, Any]:
    """Return the POST data of the chapters form."""
    data = {"seen": seen, "chapters-TOTAL_FORMS": len(chapters), "chapters-INITIAL_FORMS": 0}
    for number, chapter in enumerate(chapters):
        data |= {f"chapters-{number}-{name}": value for name, value in chapter.items()}
    return data


def saved_chapters(story: Story) -> list[tuple[str, int]]:
    return [(chapter.kind, chapter.start_ms) for chapter in story.chapters.all()]


def test_chapters_are_saved_sorted_by_start_time(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "chapters/"),
        formset_data(
            {"kind": "result", "start_ms": "0:25.5", "text": "In the end"},
            {"kind": "setback", "start_ms": "12", "barrier": "freezing", "rung": "3"},
            {"kind": "", "start_ms": ""},
            {"kind": "doubt", "start_ms": "0:05", "DELETE": "on"},
            {"kind": "start", "start_ms": "0:00"},
            seen=own_draft.version,
        ),
    )
    assert response.status_code == 302
    assert saved_chapters(own_draft) == [("start", 0), ("setback", 12_000), ("result", 25_500)]
    setback = own_draft.chapters.get(kind="setback")
    assert setback.barrier is not None
    assert (setback.barrier.key, setback.rung) == ("freezing", 3)


def test_saved_chapters_are_prefilled(bo: User, own_draft: Story) -> None:
    html = logged_in_client(bo).get(story_url(own_draft, "chapters/")).content.decode()
    assert 'value="0:00"' in html
    assert 'value="0:20"' in html
    assert 'name="chapters-INITIAL_FORMS" value="2"' in html


def test_resubmitting_the_chapters_changes_nothing(bo: User, own_draft: Story) -> None:
    before = saved_chapters(own_draft)
    data = formset_data(
        {"kind": "start", "start_ms": "0:00", "text": "At first"},
        {"kind": "result", "start_ms": "0:20", "text": "In the end"},
        seen=own_draft.version,
    )
    data["chapters-INITIAL_FORMS"] = 2
    assert logged_in_client(bo).post(story_url(own_draft, "chapters/"), data).status_code == 302
    assert saved_chapters(own_draft) == before


def test_invalid_timecode_is_reported_at_its_chapter(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "chapters/"),
        formset_data({"kind": "start", "start_ms": "half past"}, seen=own_draft.version),
    )
    assert response.status_code == 400
    assert list(error_summary_of(response)) == ["#id_chapters-0-start_ms"]
    assert saved_chapters(own_draft) == [("start", 0), ("result", 20_000)]


def test_chapters_with_the_same_start_time_are_rejected(bo: User, own_draft: Story) -> None:
    twice = formset_data(
        {"kind": "start", "start_ms": "1"}, {"kind": "doubt", "start_ms": "0:01"}, seen=own_draft.version
    )
    response = logged_in_client(bo).post(story_url(own_draft, "chapters/"), twice)
    assert response.status_code == 400
    assert "The chapters are not in order of time." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "milliseconds"),
    [("0", 0), ("65", 65_000), ("1:05", 65_000), ("1:05.25", 65_250), ("0:01:05,5", 65_500), ("", None)],
)
def test_timecode_formats_are_parsed(typed: str, milliseconds: int | None) -> None:
    assert TimecodeField(required=False).clean(typed) == milliseconds


@pytest.mark.parametrize("milliseconds", [0, 999, 65_000, 65_250, 3_599_999])
def test_formatted_timecode_round_trips(milliseconds: int) -> None:
    assert TimecodeField().clean(format_timecode(milliseconds)) == milliseconds


@pytest.mark.parametrize(("name", "text"), [("words.vtt", WEBVTT), ("words.srt", SUBRIP)])
def test_caption_file_is_normalised_to_plain_webvtt(name: str, text: str, bo: User, own_draft: Story) -> None:
    file = SimpleUploadedFile(name, b"\xef\xbb\xbf" + text.encode())
    seen = own_draft.version
    data = {"seen": seen, "language": "en", "file": file}
    response = logged_in_client(bo).post(story_url(own_draft, "captions/"), data, follow=True)
    assert "The captions are saved." in response.content.decode()
    captions = logged_in_client(bo).get(story_url(own_draft, "words/en.vtt"))
    assert captions.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert captions.content.decode().startswith("WEBVTT")
    assert "For two years I put it off." in captions.content.decode()
    own_draft.refresh_from_db()
    assert own_draft.version == seen + 1


def test_malformed_captions_report_the_line_number(bo: User, own_draft: Story) -> None:
    malformed = WEBVTT.replace("-->", "to")
    response = logged_in_client(bo).post(
        story_url(own_draft, "captions/"), {"seen": own_draft.version, "language": "en", "text": malformed}
    )
    assert response.status_code == 400
    ((target, message),) = error_summary_of(response).items()
    assert target == "#id_text"
    assert "Line 3" in message
    assert "For two years I put it off." in response.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The submitted file is empty."),
        ("Grüße".encode("latin-1"), "This file is not in UTF-8."),
        (b"x" * 500_001, "This file is larger than 500 KB"),
        (b"WEBVTT\n", "There are no captions in this file."),
    ],
)
def test_invalid_caption_file_is_rejected_with_a_message(
    content: bytes, message: str, bo: User, own_draft: Story
) -> None:
    file = SimpleUploadedFile("words.vtt", content)
    response = logged_in_client(bo).post(
        story_url(own_draft, "captions/"), {"seen": own_draft.version, "language": "en", "file": file}
    )
    assert response.status_code == 400
    ((target, shown_message),) = error_summary_of(response).items()
    assert target == "#id_file"
    assert message in shown_message


def test_captions_are_required(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "captions/"), {"seen": own_draft.version, "language": "en"}
    )
    assert error_summary_of(response) == {
        "#id_file": "Caption file: Choose a caption file, or paste the captions below."
    }


def test_captions_of_a_story_in_review_cannot_be_changed(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    response = logged_in_client(bo).post(
        story_url(story, "captions/"), {"seen": story.version, "language": "en", "text": WEBVTT}
    )
    assert response.status_code == 409
    assert story.video is not None
    assert story.video.captions.get().vtt == format_vtt(parse_captions(CAPTIONS_TEXT))


def test_captions_require_a_recording(bo: User, the_conversation: Challenge) -> None:
    empty_draft = drafts.create_draft(the_conversation, StoryDraft(title="Bare"), by=bo)
    assert (
        "add your recording" in logged_in_client(bo).get(story_url(empty_draft, "captions/")).content.decode()
    )
    response = logged_in_client(bo).post(
        story_url(empty_draft, "captions/"), {"seen": empty_draft.version, "language": "en", "text": WEBVTT}
    )
    assert response.status_code == 400


def test_upload_page_states_the_limits_without_javascript(
    bo: User, the_conversation: Challenge, settings: Settings
) -> None:
    empty_draft = drafts.create_draft(the_conversation, StoryDraft(title="Bare"), by=bo)
    html = logged_in_client(bo).get(story_url(empty_draft, "recording/")).content.decode()
    assert f'data-max-bytes="{settings.UPLOAD_MAX_BYTES}"' in html
    assert 'data-uploads-url="/api/v1/uploads"' in html
    assert "<noscript>" in html
    assert 'data-version="1"' in html


@pytest.mark.parametrize("status", [Video.Status.STORED, Video.Status.PROCESSING])
def test_recording_in_processing_shows_its_progress(status: Video.Status, bo: User, own_draft: Story) -> None:
    own_draft = drafts.attach_recording(
        own_draft, create_recording(bo, status=status), by=bo, expected_version=own_draft.version
    )
    assert own_draft.video is not None
    Video.objects.filter(pk=own_draft.video.pk).update(percent=40)
    html = logged_in_client(bo).get(story_url(own_draft, "recording/")).content.decode()
    assert f'data-progress-url="/api/v1/stories/{own_draft.pk}/progress"' in html
    assert 'value="40"' in html
    assert "data-player" not in html


def test_recording_page_shows_the_duration(bo: User, own_draft: Story) -> None:
    Video.objects.filter(story=own_draft).update(duration_ms=1_200_000)
    assert "Ready, 20 min" in logged_in_client(bo).get(story_url(own_draft, "recording/")).content.decode()


def test_poster_can_be_chosen(bo: User, own_draft: Story) -> None:
    client = logged_in_client(bo)
    assert client.get(story_url(own_draft, "recording/")).content.decode().count('name="poster"') == 3
    client.post(story_url(own_draft, "poster/"), {"poster": "2", "seen": own_draft.version})
    own_draft.refresh_from_db()
    assert own_draft.poster == 2
    assert "poster_2.jpg" in client.get(story_url(own_draft, "hls/poster.jpg"))["Location"]


@pytest.mark.parametrize("chosen", ["3", "-1", "\u00b2", "", "x"])
def test_unknown_poster_is_rejected_with_a_message(bo: User, own_draft: Story, chosen: str) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "poster/"), {"poster": chosen, "seen": own_draft.version}, follow=True
    )
    assert "There is no such picture." in response.content.decode()
    own_draft.refresh_from_db()
    assert own_draft.poster == 0


def test_first_rendition_is_playable_by_its_teller_only(
    bo: User, ana: User, mo: User, own_draft: Story
) -> None:
    Video.objects.filter(story=own_draft).update(status=Video.Status.PROCESSING, percent=40)
    html = logged_in_client(bo).get(story_url(own_draft, "recording/")).content.decode()
    assert "You can already watch it." in html
    assert "data-player" in html
    for name in ("hls/master.m3u8", "hls/storyboard.vtt"):
        assert logged_in_client(bo).get(story_url(own_draft, name)).status_code == 200
    for name in ("hls/master.m3u8", "hls/storyboard.vtt", "hls/storyboard.jpg", "hls/poster_1.jpg"):
        for other in (ana, mo):
            assert logged_in_client(other).get(story_url(own_draft, name)).status_code == 404
            assert logged_in_client(other).get(f"/watch/{own_draft.pk}/{name}").status_code == 404


def test_partial_recording_is_playable_by_its_teller_only(
    bo: User, ana: User, mo: User, own_draft: Story
) -> None:
    growing = replace(VIDEO_AND_AUDIO_MASTER, posters=0, storyboard=None, growing=4)
    Video.objects.filter(story=own_draft).update(
        status=Video.Status.PROCESSING, percent=10, duration_ms=None, master=growing.as_json()
    )
    html = logged_in_client(bo).get(story_url(own_draft, "recording/")).content.decode()
    assert "You can already watch the first part" in html
    assert "data-player" in html
    assert "poster.jpg" not in html
    assert "data-filmstrip" not in html
    for name, response in {
        "master.m3u8": 200,
        "v720.m3u8": 200,
        "v720_00000.m4s": 302,
        "poster.jpg": 404,
    }.items():
        assert logged_in_client(bo).get(story_url(own_draft, f"hls/{name}")).status_code == response
        for other in (ana, mo):
            assert logged_in_client(other).get(story_url(own_draft, f"hls/{name}")).status_code == 404
            assert logged_in_client(other).get(f"/watch/{own_draft.pk}/hls/{name}").status_code == 404
        assert Client().get(f"/watch/{own_draft.pk}/hls/{name}").status_code == 404
    assert "data-player" in logged_in_client(bo).get(story_url(own_draft, "")).content.decode()


def test_unplayable_recording_shows_the_reason(bo: User, own_draft: Story) -> None:
    broken = create_recording(bo, status=Video.Status.UNPLAYABLE)
    own_draft = drafts.attach_recording(own_draft, broken, by=bo, expected_version=own_draft.version)
    html = logged_in_client(bo).get(story_url(own_draft, "recording/")).content.decode()
    assert broken.reason in html
    assert "Replace the recording" in html


def test_media_files_of_a_draft_answer_404_to_others(bo: User, ana: User, mo: User, own_draft: Story) -> None:
    logged_in_client(bo).post(
        story_url(own_draft, "captions/"), {"seen": own_draft.version, "language": "en", "text": WEBVTT}
    )
    assert logged_in_client(bo).get(story_url(own_draft, "words/en.vtt")).status_code == 200
    for other in (ana, mo):
        for name in ("words/en.vtt", "hls/master.m3u8", "hls/poster.jpg"):
            assert logged_in_client(other).get(story_url(own_draft, name)).status_code == 404


def test_media_files_of_a_withdrawn_story_answer_404_to_its_teller(bo: User, own_draft: Story) -> None:
    logged_in_client(bo).post(
        story_url(own_draft, "captions/"), {"seen": own_draft.version, "language": "en", "text": WEBVTT}
    )
    publishing.withdraw_story(own_draft, by=bo)
    assert logged_in_client(bo).get(story_url(own_draft, "words/en.vtt")).status_code == 404
    assert logged_in_client(bo).get(story_url(own_draft, "hls/master.m3u8")).status_code == 404
