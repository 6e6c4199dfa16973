"""Sending a recording when the worst comes between: a tab that is killed halfway, and half a minute without a connection."""

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
    part_number,
    sending,
    throttle_network,
)
from tests.web.browser_windows import BrowserWindow, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PART_COUNT = 4
SECONDS_AWAY = 30
MAX_LATE_PARTS = 14  # what was under way when the connection went may still arrive


@pytest.fixture
def bare(bo: User, the_conversation: Challenge, settings: Settings) -> Story:
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
    """Wait until the store has taken so many parts; what the page shows is ahead of that by what is on its way."""
    until = time.monotonic() + 30
    while len(taken) < parts:
        assert time.monotonic() < until, taken
        page.wait_for_timeout(50)


@pytest.mark.short
def test_after_the_tab_is_killed_halfway_only_the_other_half_goes_up(
    window: BrowserWindow, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = collect_sent_parts(page)
    held_back = {3, 4}
    block_parts(page, held_back)
    choose_file(page, recording)
    wait_for_parts(page, taken, parts=2)
    # The process of the tab goes, without a word to the page in it.
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")

    again = BrowserWindow(window.context, window.context.new_page(), window.origin)
    page = sending(again, bare)
    expect(page.locator("[data-hint]")).to_contain_text("50% of “my story.mp4” has been uploaded")
    missing = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, bare)
    assert set(taken) == {1, 2}
    assert set(missing) == held_back
    assert Upload.objects.count() == 1


def test_what_was_begun_on_one_device_goes_on_from_another(
    window: BrowserWindow, browser: Browser, bo: User, site: str, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = collect_sent_parts(page)
    held_back = {2, 4}
    block_parts(page, held_back)
    choose_file(page, recording)
    wait_for_parts(page, taken, parts=2)
    window.context.close()

    page = sending(open_window(browser, bo, site), bare)
    missing = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, bare)
    assert set(missing) == held_back
    assert Upload.objects.count() == 1


def test_a_second_window_leaves_the_sending_to_the_first(
    window: BrowserWindow, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = collect_sent_parts(page)
    throttle_network(window, page)
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("MB/s")
    other = sending(BrowserWindow(window.context, window.context.new_page(), window.origin), bare)
    sent_there = collect_sent_parts(other)
    choose_file(other, recording)
    expect(other.get_by_role("alert")).to_contain_text("being uploaded in another window")
    expect_upload_complete(page, bare)
    expect(other.get_by_role("heading", name="Current recording")).to_be_visible(timeout=60_000)
    assert (set(taken), sent_there) == ({1, 2, 3, 4}, [])
    assert Upload.objects.count() == 1


def test_a_story_that_was_changed_meanwhile_still_gets_its_recording(
    window: BrowserWindow, bo: User, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    drafts.update_draft(bare, StoryDraft(title="I rang my brother"), by=bo, expected_version=bare.version)
    choose_file(page, recording)
    expect_upload_complete(page, bare)
    assert bare.title == "I rang my brother"


@pytest.mark.short
def test_a_part_that_is_spoilt_on_the_way_is_sent_again(
    window: BrowserWindow, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
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
    expect_upload_complete(page, bare)
    assert (spoilt, sorted(taken)) == ([2], [1, 2, 3, 4])
    assert bare.video is not None
    assert storage.read_object(bare.video.upload.key) == recording.read_bytes()


def test_half_a_minute_without_a_connection_costs_nothing_but_the_time(
    window: BrowserWindow, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
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
    expect_upload_complete(page, bare)
    assert Upload.objects.count() == 1


def test_a_pause_that_comes_before_an_address_does_lets_no_byte_go(
    window: BrowserWindow, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = collect_sent_parts(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/uploads/*/parts", hold)
    choose_file(page, recording)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-upload-status]")).to_contain_text("Paused at")
    page.wait_for_timeout(1_000)
    assert held
    page.unroute("**/uploads/*/parts", hold)  # which lets go on what was held
    page.wait_for_timeout(1_500)
    assert taken == []
    page.get_by_role("button", name="Resume").click()
    expect_upload_complete(page, bare)
