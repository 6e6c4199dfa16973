"""Player: controls by mouse and keyboard, Content Security Policy, start position."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.media.sample_recordings import RecordingFactory
from tests.web.browser_windows import axe_violations, open_window
from tests.web.playable_stories import published_story_from_recording
from web.csp_hashes import PLAYER_STYLE_HASHES

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
READ_STYLES_SCRIPT = """() => {
    const styles = new Set();
    const look = (tree) => {
        for (const element of tree.querySelectorAll("*")) {
            if (element.localName === "style") styles.add(element.textContent);
            if (element.shadowRoot) look(element.shadowRoot);
        }
    };
    look(document);
    return [...styles];
}"""
READ_PREVIEW_SCRIPT = """() => {
    const bar = document.querySelector("media-time-range").shadowRoot;
    return bar.querySelector("media-preview-thumbnail").shadowRoot.querySelector("img").src;
}"""
CURRENT_TIME_SCRIPT = "() => document.querySelector('video').currentTime"


@pytest.fixture
def published_story(bo: User, mo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    return published_story_from_recording(
        bo,
        the_conversation,
        by=mo,
        recording=RecordingFactory(tmp_path).video_with_tone(seconds=24, rate="15"),
    )


def collect_browser_errors(page: Page) -> list[str]:
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def wait_until_playing(page: Page, after: float) -> None:
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {after}", timeout=60_000)


def csp_hash(style: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


@pytest.mark.short
def test_player_controls_work_under_the_content_security_policy(
    browser: Browser, site: str, ana: User, published_story: Story
) -> None:
    window = open_window(browser, ana, site)
    page = window.page
    trouble = collect_browser_errors(page)
    window.open(f"/stories/{published_story.pk}/")
    video = page.locator("video")
    play = page.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_visible()
    assert video.evaluate("video => video.paused")  # no autoplay
    assert {csp_hash(style) for style in page.evaluate(READ_STYLES_SCRIPT)} == set(PLAYER_STYLE_HASHES)
    assert axe_violations(page) == []

    play.focus()
    page.keyboard.press("Enter")
    wait_until_playing(page, 0.5)
    page.keyboard.press("ArrowRight")
    wait_until_playing(page, 10)
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').paused")
    captions = page.get_by_role("switch", name="Captions")
    expect(captions).to_have_attribute("aria-checked", "true")
    captions.press("Enter")
    expect(captions).to_have_attribute("aria-checked", "false")
    page.get_by_label("Speed").select_option("1.5")
    assert video.evaluate("video => video.playbackRate") == 1.5

    bar = page.locator("media-time-range")
    bar.hover()
    page.wait_for_function("() => document.querySelector('track[label=thumbnails]')?.track.cues?.length > 0")
    bar.hover(position={"x": 120, "y": 20})
    page.wait_for_function(f"() => ({READ_PREVIEW_SCRIPT})().includes('storyboard.jpg')")
    chapter = page.locator("media-time-range media-preview-chapter-display")
    expect(chapter).to_have_attribute("mediapreviewchapter", "How it turned out")
    assert trouble == []


@pytest.mark.short
def test_playback_resumes_at_the_saved_position_or_the_url_fragment(
    browser: Browser, site: str, ana: User, sam: User, published_story: Story
) -> None:
    window = open_window(browser, ana, site)
    page = window.open(f"/stories/{published_story.pk}/")
    expect(page.locator("[data-resume-notice]")).to_be_hidden()
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; video.currentTime = 8; return video.play(); }")
    wait_until_playing(page, 8.3)
    video.evaluate("video => video.pause()")
    page.wait_for_timeout(500)

    page.reload()
    expect(page.locator("[data-resume-notice]")).to_contain_text("Continuing from 0:08, where you stopped.")
    assert video.evaluate("video => video.paused")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_until_playing(page, 8.1)
    page.get_by_role("button", name="Start from the beginning").click()
    assert page.evaluate(CURRENT_TIME_SCRIPT) < 8

    page.goto(f"{site}/saved/")
    page.goto(f"{site}/stories/{published_story.pk}/#t=5")
    expect(page.locator("[data-resume-notice]")).to_be_hidden()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_until_playing(page, 5.1)
    assert page.evaluate(CURRENT_TIME_SCRIPT) < 8
    page.evaluate("() => { window.location.hash = '#t=12'; }")
    wait_until_playing(page, 12)

    other = open_window(browser, sam, site).open(f"/stories/{published_story.pk}/")
    expect(other.locator("media-control-bar")).to_be_visible()
    expect(other.locator("[data-resume-notice]")).to_be_hidden()


@pytest.fixture
def audio_story(bo: User, mo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    tone = "sine=frequency=440:sample_rate=48000:duration=9"
    recording = RecordingFactory(tmp_path).render("voice.m4a", "-f", "lavfi", "-i", tone, "-c:a", "aac")
    return published_story_from_recording(bo, the_conversation, by=mo, recording=recording)


def test_audio_story_has_the_same_controls(
    browser: Browser, site: str, ana: User, audio_story: Story
) -> None:
    page = open_window(browser, ana, site).open(f"/stories/{audio_story.pk}/")
    page.get_by_role("button", name="Play", exact=True).click()
    wait_until_playing(page, 0.3)
    assert axe_violations(page) == []
