"""Recording chapter by chapter before a camera that beeps, down to a story that plays and knows its chapters."""

import re

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from jobs import leasing
from jobs.models import Job
from media.models import Upload, Video
from stories import preparation, telling
from stories.models import Story
from stories.telling import ChapterDraft
from tests.web.browsers import Window, complaints_of, window_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
RECORDED_SECONDS = 2.0
APART_SECONDS = 1.0  # a busy machine starts and stops a recorder late
A_FEW_SECONDS = re.compile("0:0[2-5]")  # for the same reason


# Puts a take of another shape on the shelf, as a second camera would have made it.
A_TAKE_OF_ANOTHER_SHAPE = """async (story) => {
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
        const asked = indexedDB.open("sameboat");
        asked.onsuccess = () => resolve(asked.result);
    });
    const turn = shelf.transaction("takes", "readwrite");
    turn.objectStore("takes").put(take, [story, "doubt"]);
    await new Promise((resolve) => { turn.oncomplete = resolve; });
    shelf.close();
}"""


@pytest.fixture
def bare(bo: User, the_conversation: Challenge) -> Story:
    return telling.start(the_conversation, telling.StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def window(browser: Browser, bo: User, site: str) -> Window:
    opened = window_of(browser, bo, site)
    opened.context.grant_permissions(["camera", "microphone"], origin=site)
    return opened


def recording_page(window: Window, story: Story) -> Page:
    page = window.open(f"/tell/{story.pk}/record/")
    expect(page.get_by_role("heading", name="Where I started")).to_be_visible()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def choose(page: Page, chapter: str) -> None:
    page.locator("[data-list]").get_by_role("button", name=chapter).click()


def record(page: Page, *, button: str = "Record this chapter") -> None:
    press(page, button)
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.wait_for_timeout(RECORDED_SECONDS * 1000)
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_contain_text("Kept:")


def prepare(story: Story) -> Video:
    run = leasing.take(Job.objects.get(kind=preparation.PREPARE).pk)
    assert run is not None
    with run:
        preparation.prepare(Story.objects.get(pk=story.pk), run)
    story.refresh_from_db()
    assert story.video is not None
    return story.video


def expect_sent(page: Page, story: Story) -> None:
    page.wait_for_url(f"**/tell/{story.pk}/recording/", timeout=120_000)
    expect(page.get_by_role("heading", name="What is there")).to_be_visible()


def listen_for_trouble(page: Page) -> list[str]:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.short
def test_chapters_are_recorded_kept_over_a_reload_retaken_and_sent_as_one_film(
    window: Window, bare: Story
) -> None:
    page = window.page
    trouble = listen_for_trouble(page)
    recording_page(window, bare)
    press(page, "Turn it on")
    expect(page.get_by_label("What the camera sees")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#level').value > 5")
    record(page)
    expect(page.get_by_label("Your take of “Where I started”")).to_be_visible()
    press(page, "Go on to “What I doubted”")
    record(page)

    page.reload()
    listed = page.locator("[data-list]")
    expect(listed.get_by_role("button", name="Where I started")).to_contain_text(A_FEW_SECONDS)
    expect(page.get_by_role("heading", name="What went wrong")).to_be_visible()
    choose(page, "What I doubted")
    record(page, button="Record it again")
    choose(page, "To the next person")
    record(page)
    expect(page.locator("[data-sum]")).to_contain_text("3 of 7 chapters")
    assert complaints_of(page) == []

    press(page, "Send it as my recording")
    expect_sent(page, bare)
    chapters = [(chapter.kind, chapter.start_ms / 1000) for chapter in bare.chapters.all()]
    assert [kind for kind, _ in chapters] == ["start", "doubt", "message"]
    assert [second for _, second in chapters] == pytest.approx([0, 2, 4], abs=2 * APART_SECONDS)
    video = prepare(bare)
    assert video.status == Video.Status.READY, video.reason
    assert (video.duration_ms or 0) / 1000 == pytest.approx(3 * RECORDED_SECONDS, abs=3 * APART_SECONDS)
    assert chapters[-1][1] < (video.duration_ms or 0) / 1000
    assert video.has_sound
    assert trouble == []
    page.goto(f"{window.origin}/tell/{bare.pk}/record/")
    expect(page.locator("[data-finish]")).to_be_hidden()  # what was sent is not kept here any longer


def test_sound_alone_becomes_a_sound_story(window: Window, bare: Story) -> None:
    page = recording_page(window, bare)
    page.get_by_label("Sound only").check()
    press(page, "Turn it on")
    expect(page.get_by_label("What the camera sees")).to_be_hidden()
    record(page)
    expect(page.get_by_label("Sound only")).to_be_disabled()
    press(page, "Go on to “What I doubted”")
    record(page)
    press(page, "Send it as my recording")
    expect_sent(page, bare)
    video = prepare(bare)
    assert (video.status, video.kind) == (Video.Status.READY, Video.Kind.AUDIO)
    assert [chapter.kind for chapter in bare.chapters.all()] == ["start", "doubt"]


@pytest.mark.short
def test_whoever_may_not_use_the_camera_is_told_why_and_shown_other_ways(
    browser: Browser, bo: User, site: str, bare: Story
) -> None:
    page = recording_page(window_of(browser, bo, site), bare)
    press(page, "Turn it on")
    expect(page.get_by_role("alert")).to_contain_text("We cannot use the camera and the microphone.")
    expect(page.get_by_role("alert")).to_contain_text("allow it there, then try again")
    page.get_by_role("link", name="send that file").click()
    page.wait_for_url(f"**/tell/{bare.pk}/recording/")


def test_what_was_written_about_a_chapter_stays_when_it_is_recorded_anew(
    window: Window, bare: Story, bo: User
) -> None:
    chapters = [
        ChapterDraft("start", 500, "At first", barrier="freezing", rung=1),
        ChapterDraft("step", 9_000),
    ]
    telling.set_chapters(bare, chapters, by=bo, seen=bare.version)
    page = recording_page(window, bare)
    press(page, "Turn it on")
    record(page)
    press(page, "Send it as my recording")
    expect_sent(page, bare)
    chapter = bare.chapters.get()
    assert (chapter.kind, chapter.start_ms, chapter.text, chapter.rung) == ("start", 0, "At first", 1)
    assert chapter.barrier is not None


def test_a_reload_while_it_is_sent_goes_on_by_itself(window: Window, bare: Story, settings: Settings) -> None:
    page = recording_page(window, bare)
    press(page, "Turn it on")
    record(page)
    held_back = re.compile("partNumber=")

    def refuse(route: Route) -> None:
        route.abort()

    page.route(held_back, refuse)
    press(page, "Send it as my recording")
    expect(page.locator("[data-figures]")).to_contain_text("0.0 MB of")
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute(held_back, refuse)
    page.reload()
    expect_sent(page, bare)
    assert Upload.objects.count() == 1
    assert [chapter.kind for chapter in bare.chapters.all()] == ["start"]


def test_a_take_from_another_camera_is_asked_for_again_by_name(window: Window, bare: Story) -> None:
    page = recording_page(window, bare)
    press(page, "Turn it on")
    record(page)
    page.evaluate(A_TAKE_OF_ANOTHER_SHAPE, str(bare.pk))
    page.reload()
    press(page, "Send it as my recording")
    expect(page.get_by_role("alert")).to_contain_text("“What I doubted” was recorded with another camera")
    expect(page.get_by_role("heading", name="What I doubted")).to_be_visible()
    assert not Upload.objects.exists()
    record(page, button="Record it again")
    press(page, "Send it as my recording")
    expect_sent(page, bare)
