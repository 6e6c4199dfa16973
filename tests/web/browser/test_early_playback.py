"""Playback of a recording that is still being processed."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from challenges.models import Challenge
from media.encoding.bitrate_ladder import SEGMENT_SECONDS
from media.models import Video
from media.playback.playlists import Manifest, manifest_from_json
from stories import drafts
from stories.draft_validation import StoryDraft
from stories.models import Story
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video, process_and_record
from tests.web.browser_windows import axe_violations, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SECONDS = 24


@pytest.fixture
def own_draft(bo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    """A draft with a complete recording; tests make its row claim less."""
    video = create_uploaded_video(bo, RecordingFactory(tmp_path).video_with_tone(seconds=SECONDS, rate="15"))
    process_and_record(video)
    story = drafts.create_draft(
        the_conversation, StoryDraft(title="I rang my sister", start_rung=0, end_rung=2), by=bo
    )
    return drafts.attach_recording(story, video, by=bo, expected_version=story.version)


def publish_partial_master(story: Story, whole: Manifest, *, pieces: int) -> None:
    """Set the row to the state with this many segments per rendition."""
    short = tuple(
        replace(rendition, durations=rendition.durations[:pieces]) for rendition in whole.renditions
    )
    growing = Manifest(short, posters=0, growing=SEGMENT_SECONDS)
    Video.objects.filter(story=story).update(
        status=Video.Status.PROCESSING, percent=15, master=growing.as_json(), duration_ms=None
    )


def wait_until_played(page: Page, seconds: float) -> None:
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {seconds}", timeout=40_000)


@pytest.mark.short
def test_playback_continues_into_segments_that_arrive_later(
    browser: Browser, site: str, bo: User, own_draft: Story
) -> None:
    assert own_draft.video is not None
    whole = manifest_from_json(own_draft.video.master)
    publish_partial_master(own_draft, whole, pieces=2)
    window = open_window(browser, bo, site)
    page = window.open(f"/tell/{own_draft.pk}/recording/")
    expect(page.get_by_text("You can already watch the first part")).to_be_visible()
    assert axe_violations(page) == []
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_until_played(page, 0.2)
    assert video.evaluate("video => video.currentTime") < SEGMENT_SECONDS
    publish_partial_master(own_draft, whole, pieces=4)
    wait_until_played(page, 2.5 * SEGMENT_SECONDS)

    Video.objects.filter(pk=own_draft.video.pk).update(
        status=Video.Status.READY, percent=100, master=whole.as_json(), duration_ms=SECONDS * 1000
    )
    more = page.get_by_role("button", name="Show what is ready")
    expect(more).to_be_visible(timeout=30_000)
    assert not video.evaluate("video => video.paused")
    wait_until_played(page, 4.5 * SEGMENT_SECONDS)  # which was not there before
    expect(page.get_by_text("You can already watch the first part")).to_be_hidden()
    more.click()
    expect(page.get_by_text("Pictures from the recording")).to_be_visible()
    expect(more).to_have_count(0)
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_until_played(page, 4.5 * SEGMENT_SECONDS)  # they go on where they were
    expect(page.locator(".player-trouble")).to_be_hidden()
