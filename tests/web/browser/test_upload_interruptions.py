"""Uploads survive a killed tab, a second window and a lost connection."""

import contextlib
import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from media import storage
from media.models import Upload
from stories import drafts
from stories.draft_validation import StoryDraft
from stories.models import Story
from tests.web.browser.test_upload import (
    PART_SIZE,
    block_parts,
    choose_file,
    collect_sent_parts,
    expect_upload_complete,
    open_upload_page,
    part_number,
    throttle_network,
)
from tests.web.browser_windows import BrowserWindow, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PART_COUNT = 4
SECONDS_AWAY = 30
MAX_LATE_PARTS = 14  # requests in flight when the connection drops may still arrive


@pytest.fixture
def empty_draft(bo: User, the_conversation: Challenge, settings: Settings) -> Story:
    settings.UPLOAD_PART_BYTES = PART_SIZE
    return drafts.create_draft(the_conversation, StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "my story.mp4"
    file.write_bytes(os.urandom(PART_SIZE * PART_COUNT))
    return file


@pytest.fixture
def window(browser: Browser, bo: User, site: str) -> BrowserWindow:
    return open_window(browser, bo, site)


def wait_for_parts(page: Page, taken: list[int], *, parts: int) -> None:
    """Wait until the store has accepted this many parts; the page also counts parts in flight."""
    until = time.monotonic() + 30
    while len(taken) < parts:
        assert time.monotonic() < until, taken
        page.wait_for_timeout(50)


@pytest.mark.short
def test_killed_tab_resumes_with_the_missing_half(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    held_back = {3, 4}
    block_parts(page, held_back)
    choose_file(page, recording)
    wait_for_parts(page, taken, parts=2)
    # Kills the renderer process without an unload event.
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")

    new_window = BrowserWindow(window.context, window.context.new_page(), window.origin)
    page = open_upload_page(new_window, empty_draft)
    expect(page.locator("[data-hint]")).to_contain_text("50% of “my story.mp4” has been uploaded")
    missing = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert set(taken) == {1, 2}
    assert set(missing) == held_back
    assert Upload.objects.count() == 1


def test_upload_resumes_on_another_device(
    window: BrowserWindow, browser: Browser, bo: User, site: str, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    held_back = {2, 4}
    block_parts(page, held_back)
    choose_file(page, recording)
    wait_for_parts(page, taken, parts=2)
    window.context.close()

    page = open_upload_page(open_window(browser, bo, site), empty_draft)
    missing = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert set(missing) == held_back
    assert Upload.objects.count() == 1


def test_only_one_window_uploads(window: BrowserWindow, empty_draft: Story, recording: Path) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    throttle_network(window, page)
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("MB/s")
    other = open_upload_page(
        BrowserWindow(window.context, window.context.new_page(), window.origin), empty_draft
    )
    sent_there = collect_sent_parts(other)
    choose_file(other, recording)
    expect(other.get_by_role("alert")).to_contain_text("being uploaded in another window")
    expect_upload_complete(page, empty_draft)
    expect(other.get_by_role("heading", name="Current recording")).to_be_visible(timeout=60_000)
    assert (set(taken), sent_there) == ({1, 2, 3, 4}, [])
    assert Upload.objects.count() == 1


def test_recording_is_attached_to_a_story_changed_during_the_upload(
    window: BrowserWindow, bo: User, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    drafts.update_draft(
        empty_draft, StoryDraft(title="I rang my brother"), by=bo, expected_version=empty_draft.version
    )
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert empty_draft.title == "I rang my brother"


@pytest.mark.short
def test_corrupted_part_is_retried(window: BrowserWindow, empty_draft: Story, recording: Path) -> None:
    page = open_upload_page(window, empty_draft)
    spoilt: list[int] = []

    def spoil_once(route: Route) -> None:
        if spoilt:
            route.continue_()
            return
        spoilt.append(part_number(route))
        route.continue_(post_data=b"\0" * PART_SIZE)

    page.route("**/*partNumber=2&*", spoil_once)
    taken = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert (spoilt, sorted(taken)) == ([2], [1, 2, 3, 4])
    assert empty_draft.video is not None
    assert storage.read_object(empty_draft.video.upload.key) == recording.read_bytes()


def test_upload_survives_thirty_seconds_offline(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    throttle_network(window, page)
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("MB/s")
    window.context.set_offline(True)
    expect(page.locator("[data-upload-status]")).to_contain_text("No connection.")
    page.wait_for_timeout(MAX_LATE_PARTS * 1000)
    before = len(taken)
    page.wait_for_timeout((SECONDS_AWAY - MAX_LATE_PARTS) * 1000)
    assert len(taken) == before < PART_COUNT
    window.context.set_offline(False)
    expect_upload_complete(page, empty_draft)
    assert Upload.objects.count() == 1


def test_pause_before_the_signed_url_arrives_sends_nothing(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    held_routes: list[Route] = []

    def hold(route: Route) -> None:
        held_routes.append(route)

    page.route("**/uploads/*/parts", hold)
    choose_file(page, recording)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-upload-status]")).to_contain_text("Paused at")
    page.wait_for_timeout(1_000)
    assert held_routes
    page.unroute("**/uploads/*/parts", hold)  # continues the held requests
    page.wait_for_timeout(1_500)
    assert taken == []
    page.get_by_role("button", name="Resume").click()
    expect_upload_complete(page, empty_draft)
