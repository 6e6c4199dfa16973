"""Uploads from a browser straight into the object store."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Response, Route, expect
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from jobs import leasing
from jobs.models import Job
from media import storage
from media.models import Upload
from media.uploads import parts, s3_multipart
from stories import drafts, processing
from stories.draft_validation import StoryDraft
from stories.models import Story
from tests.installation import wait_until
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video, process_and_record
from tests.story_factories import create_complete_draft
from tests.web.browser_windows import BrowserWindow, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PART_SIZE = s3_multipart.MIN_PART_BYTES
PART_COUNT = 5
LAST_PART_SIZE = 1_234
PART_URL_PATTERN = "**/*partNumber=*"
ALL_PARTS = {1, 2, 3, 4, 5}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file of five parts with arbitrary content."""
    file = tmp_path / "my story.mp4"
    file.write_bytes(os.urandom(PART_SIZE * (PART_COUNT - 1) + LAST_PART_SIZE))
    return file


@pytest.fixture
def empty_draft(bo: User, the_conversation: Challenge, settings: Settings) -> Story:
    settings.UPLOAD_PART_BYTES = PART_SIZE
    return drafts.create_draft(the_conversation, StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def window(browser: Browser, bo: User, site: str) -> BrowserWindow:
    return open_window(browser, bo, site)


def open_upload_page(window: BrowserWindow, story: Story) -> Page:
    page = window.open(f"/tell/{story.pk}/recording/")
    expect(page.get_by_label("Recording file")).to_be_visible()
    return page


def choose_file(page: Page, file: Path) -> None:
    page.get_by_label("Recording file").set_input_files(file)


def expect_upload_complete(page: Page, story: Story) -> None:
    expect(page.get_by_role("heading", name="Current recording")).to_be_visible(timeout=60_000)
    story.refresh_from_db()
    assert story.video is not None
    assert story.video.upload.state == Upload.State.COMPLETE


def wait_until_stored(part_numbers: set[int]) -> None:
    """Wait for the store, because the page counts bytes as soon as they are sent."""
    upload = Upload.objects.get()
    assert wait_until(lambda: {part.number for part in parts.list_stored_parts(upload)} == part_numbers)


def part_number(route: Route) -> int:
    return int(route.request.url.partition("partNumber=")[2].partition("&")[0])


def block_parts(page: Page, numbers: set[int]) -> None:
    """Abort requests for these parts."""
    page.route(
        PART_URL_PATTERN,
        lambda route: route.abort() if part_number(route) in numbers else route.continue_(),
    )


def throttle_network(window: BrowserWindow, page: Page) -> None:
    """Slow the upload down so that a test can interrupt it."""
    window.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2 * 1024**2},
    )


def collect_sent_parts(page: Page) -> list[int]:
    """Return a list that grows with the number of each accepted part."""
    taken: list[int] = []

    def note(response: Response) -> None:
        if response.request.method == "PUT" and "partNumber=" in response.url and response.ok:
            taken.append(int(response.url.partition("partNumber=")[2].partition("&")[0]))

    page.on("response", note)
    return taken


def test_recording_is_uploaded_in_parts_and_attached(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert set(taken) == ALL_PARTS
    assert empty_draft.video is not None
    upload = empty_draft.video.upload
    assert (upload.file_name, upload.size) == (recording.name, recording.stat().st_size)
    assert storage.read_object(upload.key) == recording.read_bytes()


@pytest.mark.short
def test_real_video_is_uploaded_processed_and_played(
    window: BrowserWindow, empty_draft: Story, tmp_path: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    choose_file(page, RecordingFactory(tmp_path).video_with_tone(seconds=3))
    expect_upload_complete(page, empty_draft)
    expect(page.locator("[data-progress-url]")).to_contain_text("is waiting in the queue")
    run = leasing.acquire_lease(Job.objects.get(kind=processing.PROCESS_STORY_JOB).pk)
    assert run is not None
    with run:
        processing.process_story(empty_draft, run)
    # The page reloads itself while there is more to watch, and for the last time when processing has finished.
    expect(page.locator("[data-progress-url]")).to_have_count(0, timeout=30_000)
    video = page.locator("video")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5", timeout=30_000)
    expect(page.locator(".player-trouble")).to_be_hidden()


@pytest.mark.short
def test_reload_uploads_missing_parts_only(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    held_back = {4, 5}
    block_parts(page, held_back)
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("15.0 MB of 20.0 MB", timeout=30_000)
    wait_until_stored(ALL_PARTS - held_back)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(PART_URL_PATTERN)
    expect(page.locator("[data-hint]")).to_contain_text("has been uploaded")
    earlier = list(taken)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert set(taken[len(earlier) :]) == held_back
    assert Upload.objects.count() == 1


def test_different_file_starts_a_new_upload(
    window: BrowserWindow, empty_draft: Story, recording: Path, tmp_path: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    page.route("**/*partNumber=*", lambda route: route.abort())
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("of 20.0 MB")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("[data-hint]")).to_contain_text("0% of “my story.mp4”")
    other = tmp_path / "another.mp4"
    other.write_bytes(b"other")
    choose_file(page, other)
    expect(page.get_by_role("alert")).to_contain_text("not the file you started with (“my story.mp4”)")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-live]")).to_have_text("Upload cancelled and deleted.")
    page.unroute(PART_URL_PATTERN)
    choose_file(page, other)
    expect_upload_complete(page, empty_draft)
    assert set(Upload.objects.values_list("state", flat=True)) == {"aborted", "complete"}


def test_rejected_part_is_retried(window: BrowserWindow, empty_draft: Story, recording: Path) -> None:
    page = open_upload_page(window, empty_draft)
    failed: set[int] = set()

    def once(route: Route) -> None:
        number = part_number(route)
        if number in failed:
            route.continue_()
        else:
            failed.add(number)
            route.fulfill(status=503)

    page.route("**/*partNumber=*", once)
    choose_file(page, recording)
    expect_upload_complete(page, empty_draft)
    assert failed == ALL_PARTS


def test_upload_can_be_paused_and_resumed(window: BrowserWindow, empty_draft: Story, recording: Path) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    throttle_network(window, page)
    choose_file(page, recording)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-upload-status]")).to_contain_text("Paused at")
    page.wait_for_timeout(1_500)
    at_pause = len(taken)
    page.wait_for_timeout(1_500)
    assert len(taken) == at_pause < PART_COUNT
    page.get_by_role("button", name="Resume").click()
    expect_upload_complete(page, empty_draft)


def test_upload_waits_for_the_connection_and_resumes(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    throttle_network(window, page)
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("MB/s")
    window.context.set_offline(True)
    expect(page.locator("[data-upload-status]")).to_contain_text("No connection.")
    window.context.set_offline(False)
    expect_upload_complete(page, empty_draft)


def test_cancelling_deletes_uploaded_parts(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    page.route(
        "**/*partNumber=*",
        lambda route: route.abort() if part_number(route) == PART_COUNT else route.continue_(),
    )
    choose_file(page, recording)
    expect(page.locator("[data-upload-status]")).to_contain_text("20.0 MB of 20.0 MB", timeout=30_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-live]")).to_have_text("Upload cancelled and deleted.")
    upload = Upload.objects.get()
    assert upload.state == Upload.State.ABORTED
    assert list(storage.list_keys(f"raw/{upload.pk}/")) == []
    page.reload()
    expect(page.locator("[data-upload-progress]")).to_be_hidden()


def test_leaving_during_an_upload_asks_for_confirmation(
    window: BrowserWindow, empty_draft: Story, recording: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    page.route("**/*partNumber=*", lambda route: route.abort())
    choose_file(page, recording)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    dialog_types: list[str] = []

    def leave(dialog: Dialog) -> None:
        dialog_types.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert dialog_types == ["beforeunload"]


def test_unsupported_file_type_is_rejected_before_uploading(
    window: BrowserWindow, empty_draft: Story, tmp_path: Path
) -> None:
    page = open_upload_page(window, empty_draft)
    taken = collect_sent_parts(page)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7")
    choose_file(page, letter)
    expect(page.get_by_role("alert")).to_contain_text("We cannot play this type of file.")
    assert taken == []
    assert not Upload.objects.exists()


def test_chapter_takes_the_player_position_and_rows_can_be_added(
    window: BrowserWindow, bo: User, the_conversation: Challenge
) -> None:
    story = create_complete_draft(bo, the_conversation)
    page = window.open(f"/tell/{story.pk}/chapters/")
    page.get_by_role("button", name="Add another chapter").click()
    page.evaluate("() => { document.querySelector('video').currentTime = 12.3; }")
    row = page.locator("[data-row]").last
    row.get_by_label("What this chapter is about").select_option("setback")
    row.get_by_role("button", name="Use the player's current time").click()
    expect(row.get_by_label("Starts at")).to_have_value("0:12.3")
    page.get_by_role("button", name="Save chapters").click()
    expect(page.get_by_role("status")).to_contain_text("The chapters are saved.")
    assert [(chapter.kind, chapter.start_ms) for chapter in story.chapters.all()] == [
        ("start", 0),
        ("setback", 12_300),
        ("result", 20_000),
    ]


def test_each_chapter_shows_the_frame_at_its_start(
    window: BrowserWindow, bo: User, empty_draft: Story, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "scratch"
    video = create_uploaded_video(bo, RecordingFactory(tmp_path).video_with_tone(seconds=5))
    process_and_record(video)
    drafts.attach_recording(empty_draft, video, by=bo, expected_version=empty_draft.version)
    page = window.open(f"/tell/{empty_draft.pk}/chapters/")
    row = page.locator("[data-row]").first
    picture, moment = row.locator("[data-thumbnail]"), row.get_by_label("Starts at")

    def shown_at(time: str) -> str:
        moment.fill(time)
        expect(picture).to_be_visible()
        return str(picture.evaluate("element => element.style.background"))

    moment.fill("0:00.0")
    expect(picture).to_be_visible()
    early, late = shown_at("0:00.5"), shown_at("0:03.5")
    assert "storyboard.jpg" in early
    assert early != late
    moment.fill("soon")
    expect(picture).to_be_hidden()
    page.evaluate("() => { document.querySelector('video').currentTime = 3.5; }")
    row.get_by_role("button", name="Use the player's current time").click()
    assert picture.evaluate("element => element.style.background") == late
