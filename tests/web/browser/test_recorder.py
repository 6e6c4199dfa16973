"""Recorder with Chromium's fake camera: from takes to a playable story with chapters."""

import re

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from jobs import leasing
from jobs.models import Job
from media.models import Upload, Video
from stories import drafts, processing
from stories.draft_validation import ChapterDraft, StoryDraft
from stories.models import Story
from tests.web.browser_windows import BrowserWindow, axe_violations, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
RECORDED_SECONDS = 2.0
DURATION_TOLERANCE_SECONDS = 1.0  # a busy machine starts and stops the recorder late
FEW_SECONDS_PATTERN = re.compile("0:0[2-5]")  # for the same reason


# Stores a take with another resolution, as a second camera would record it.
STORE_INCOMPATIBLE_TAKE_SCRIPT = """async (story) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 480 });
    const pencil = canvas.getContext("2d");
    const drawing = setInterval(() => { pencil.fillStyle = `hsl(${Date.now() % 360} 50% 50%)`; pencil.fillRect(0, 0, 320, 480); }, 50);
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    const stream = new MediaStream([...canvas.captureStream(20).getTracks(), ...sound.getTracks()]);
    const recorder = new MediaRecorder(stream, { mimeType: "video/webm;codecs=vp8,opus" });
    const blob = new Promise((resolve) => recorder.addEventListener("dataavailable", ({ data }) => resolve(data)));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    recorder.stop();
    const take = { blob: await blob, seconds: 1, mode: "video" };
    clearInterval(drawing);
    const shelf = await new Promise((resolve) => {
        const request = indexedDB.open("sameboat");
        request.onsuccess = () => resolve(request.result);
    });
    const turn = shelf.transaction("takes", "readwrite");
    turn.objectStore("takes").put(take, [story, "doubt"]);
    await new Promise((resolve) => { turn.oncomplete = resolve; });
    shelf.close();
}"""


@pytest.fixture
def empty_draft(bo: User, the_conversation: Challenge) -> Story:
    return drafts.create_draft(the_conversation, StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def window(browser: Browser, bo: User, site: str) -> BrowserWindow:
    opened = open_window(browser, bo, site)
    opened.context.grant_permissions(["camera", "microphone"], origin=site)
    return opened


def recording_page(window: BrowserWindow, story: Story) -> Page:
    page = window.open(f"/tell/{story.pk}/record/")
    expect(page.get_by_role("heading", name="Where I started")).to_be_visible()
    return page


def click_button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def choose_chapter(page: Page, chapter: str) -> None:
    page.locator("[data-chapter-list]").get_by_role("button", name=chapter).click()


def record_chapter(page: Page, *, button: str = "Record this chapter") -> None:
    click_button(page, button)
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.wait_for_timeout(RECORDED_SECONDS * 1000)
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_contain_text("Take saved")


def process_recording(story: Story) -> Video:
    run = leasing.acquire_lease(Job.objects.get(kind=processing.PROCESS_STORY_JOB).pk)
    assert run is not None
    with run:
        processing.process_story(Story.objects.get(pk=story.pk), run)
    story.refresh_from_db()
    assert story.video is not None
    return story.video


def expect_recording_attached(page: Page, story: Story) -> None:
    page.wait_for_url(f"**/tell/{story.pk}/recording/", timeout=120_000)
    expect(page.get_by_role("heading", name="Current recording")).to_be_visible()


def collect_browser_errors(page: Page) -> list[str]:
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


@pytest.mark.short
def test_takes_survive_a_reload_and_are_sent_as_one_recording(
    window: BrowserWindow, empty_draft: Story
) -> None:
    page = window.page
    trouble = collect_browser_errors(page)
    recording_page(window, empty_draft)
    click_button(page, "Turn on")
    expect(page.get_by_label("Camera preview")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#level').value > 5")
    record_chapter(page)
    expect(page.get_by_label("Your take of “Where I started”")).to_be_visible()
    click_button(page, "Next: “What I doubted”")
    record_chapter(page)

    page.reload()
    listed = page.locator("[data-chapter-list]")
    expect(listed.get_by_role("button", name="Where I started")).to_contain_text(FEW_SECONDS_PATTERN)
    expect(page.get_by_role("heading", name="What went wrong")).to_be_visible()
    choose_chapter(page, "What I doubted")
    record_chapter(page, button="Record it again")
    choose_chapter(page, "To the next person")
    record_chapter(page)
    expect(page.locator("[data-summary]")).to_contain_text("3 of 7 chapters")
    assert axe_violations(page) == []

    click_button(page, "Send as my recording")
    expect_recording_attached(page, empty_draft)
    chapters = [(chapter.kind, chapter.start_ms / 1000) for chapter in empty_draft.chapters.all()]
    assert [kind for kind, _ in chapters] == ["start", "doubt", "message"]
    assert [second for _, second in chapters] == pytest.approx([0, 2, 4], abs=2 * DURATION_TOLERANCE_SECONDS)
    video = process_recording(empty_draft)
    assert video.status == Video.Status.READY, video.reason
    assert (video.duration_ms or 0) / 1000 == pytest.approx(
        3 * RECORDED_SECONDS, abs=3 * DURATION_TOLERANCE_SECONDS
    )
    assert chapters[-1][1] < (video.duration_ms or 0) / 1000
    assert video.has_sound
    assert trouble == []
    page.goto(f"{window.origin}/tell/{empty_draft.pk}/record/")
    expect(page.locator("[data-finish]")).to_be_hidden()  # sent takes are deleted from the browser


def test_audio_only_recording_becomes_an_audio_story(window: BrowserWindow, empty_draft: Story) -> None:
    page = recording_page(window, empty_draft)
    page.get_by_label("Audio only").check()
    click_button(page, "Turn on")
    expect(page.get_by_label("Camera preview")).to_be_hidden()
    record_chapter(page)
    expect(page.get_by_label("Audio only")).to_be_disabled()
    click_button(page, "Next: “What I doubted”")
    record_chapter(page)
    click_button(page, "Send as my recording")
    expect_recording_attached(page, empty_draft)
    video = process_recording(empty_draft)
    assert (video.status, video.kind) == (Video.Status.READY, Video.Kind.AUDIO)
    assert [chapter.kind for chapter in empty_draft.chapters.all()] == ["start", "doubt"]


@pytest.mark.short
def test_denied_camera_shows_the_reason_and_alternatives(
    browser: Browser, bo: User, site: str, empty_draft: Story
) -> None:
    page = recording_page(open_window(browser, bo, site), empty_draft)
    click_button(page, "Turn on")
    expect(page.get_by_role("alert")).to_contain_text("We cannot use your camera and microphone.")
    expect(page.get_by_role("alert")).to_contain_text("Allow it in the address bar")
    page.get_by_role("link", name="send that file").click()
    page.wait_for_url(f"**/tell/{empty_draft.pk}/recording/")


def test_chapter_text_survives_a_new_recording(window: BrowserWindow, empty_draft: Story, bo: User) -> None:
    chapters = [
        ChapterDraft("start", 500, "At first", barrier="freezing", rung=1),
        ChapterDraft("step", 9_000),
    ]
    drafts.set_chapters(empty_draft, chapters, by=bo, expected_version=empty_draft.version)
    page = recording_page(window, empty_draft)
    click_button(page, "Turn on")
    record_chapter(page)
    click_button(page, "Send as my recording")
    expect_recording_attached(page, empty_draft)
    chapter = empty_draft.chapters.get()
    assert (chapter.kind, chapter.start_ms, chapter.text, chapter.rung) == ("start", 0, "At first", 1)
    assert chapter.barrier is not None


def test_sending_resumes_after_a_reload(
    window: BrowserWindow, empty_draft: Story, settings: Settings
) -> None:
    page = recording_page(window, empty_draft)
    click_button(page, "Turn on")
    record_chapter(page)
    held_back = re.compile("partNumber=")

    def refuse(route: Route) -> None:
        route.abort()

    page.route(held_back, refuse)
    click_button(page, "Send as my recording")
    expect(page.locator("[data-upload-status]")).to_contain_text("0.0 MB of")
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute(held_back, refuse)
    page.reload()
    expect_recording_attached(page, empty_draft)
    assert Upload.objects.count() == 1
    assert [chapter.kind for chapter in empty_draft.chapters.all()] == ["start"]


def test_incompatible_take_is_named_and_has_to_be_recorded_again(
    window: BrowserWindow, empty_draft: Story
) -> None:
    page = recording_page(window, empty_draft)
    click_button(page, "Turn on")
    record_chapter(page)
    page.evaluate(STORE_INCOMPATIBLE_TAKE_SCRIPT, str(empty_draft.pk))
    page.reload()
    click_button(page, "Send as my recording")
    expect(page.get_by_role("alert")).to_contain_text("“What I doubted” was recorded with another camera")
    expect(page.get_by_role("heading", name="What I doubted")).to_be_visible()
    assert not Upload.objects.exists()
    record_chapter(page, button="Record it again")
    click_button(page, "Send as my recording")
    expect_recording_attached(page, empty_draft)
