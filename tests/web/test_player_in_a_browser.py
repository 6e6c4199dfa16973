"""The player: its controls by mouse and keyboard, under our own rules for the browser, and where in a story it begins."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.media.films import Studio
from tests.web.browsers import complaints_of, window_of
from tests.web.films import playable
from web.player_styles import STYLES

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
STYLES_THERE = """() => {
    const found = new Set();
    const look = (tree) => {
        for (const element of tree.querySelectorAll("*")) {
            if (element.localName === "style") found.add(element.textContent);
            if (element.shadowRoot) look(element.shadowRoot);
        }
    };
    look(document);
    return [...found];
}"""
PREVIEW = """() => {
    const bar = document.querySelector("media-time-range").shadowRoot;
    return bar.querySelector("media-preview-thumbnail").shadowRoot.querySelector("img").src;
}"""
NOW = "() => document.querySelector('video').currentTime"


@pytest.fixture
def told(bo: User, mo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    return playable(bo, the_conversation, by=mo, recording=Studio(tmp_path).talk(seconds=24, rate="15"))


def listen_for_trouble(page: Page) -> list[str]:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def begun(page: Page, after: float) -> None:
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {after}", timeout=60_000)


def digest(style: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


@pytest.mark.short
def test_the_controls_work_under_our_rules_for_the_browser(
    browser: Browser, site: str, ana: User, told: Story
) -> None:
    window = window_of(browser, ana, site)
    page = window.page
    trouble = listen_for_trouble(page)
    window.open(f"/stories/{told.pk}/")
    video = page.locator("video")
    play = page.get_by_role("button", name="play", exact=True)
    expect(play).to_be_visible()
    assert video.evaluate("video => video.paused")  # nothing starts by itself
    assert {digest(style) for style in page.evaluate(STYLES_THERE)} == set(STYLES)
    assert complaints_of(page) == []

    play.focus()
    page.keyboard.press("Enter")
    begun(page, 0.5)
    page.keyboard.press("ArrowRight")
    begun(page, 10)
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').paused")
    captions = page.get_by_role("switch", name="closed captions")
    expect(captions).to_have_attribute("aria-checked", "true")
    captions.press("Enter")
    expect(captions).to_have_attribute("aria-checked", "false")
    page.get_by_label("Speed").select_option("1.5")
    assert video.evaluate("video => video.playbackRate") == 1.5

    bar = page.locator("media-time-range")
    bar.hover()
    page.wait_for_function("() => document.querySelector('track[label=thumbnails]')?.track.cues?.length > 0")
    bar.hover(position={"x": 120, "y": 20})
    page.wait_for_function(f"() => ({PREVIEW})().includes('storyboard.jpg')")
    chapter = page.locator("media-time-range media-preview-chapter-display")
    expect(chapter).to_have_attribute("mediapreviewchapter", "How it turned out")
    assert trouble == []


@pytest.mark.short
def test_a_story_goes_on_where_somebody_stopped_on_this_device_or_where_the_address_says(
    browser: Browser, site: str, ana: User, sam: User, told: Story
) -> None:
    window = window_of(browser, ana, site)
    page = window.open(f"/stories/{told.pk}/")
    expect(page.locator("[data-resumed]")).to_be_hidden()
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; video.currentTime = 8; return video.play(); }")
    begun(page, 8.3)
    video.evaluate("video => video.pause()")
    page.wait_for_timeout(500)

    page.reload()
    expect(page.locator("[data-resumed]")).to_contain_text("It goes on at 0:08, where you stopped.")
    assert video.evaluate("video => video.paused")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    begun(page, 8.1)
    page.get_by_role("button", name="Start from the beginning").click()
    assert page.evaluate(NOW) < 8

    page.goto(f"{site}/saved/")
    page.goto(f"{site}/stories/{told.pk}/#t=5")
    expect(page.locator("[data-resumed]")).to_be_hidden()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    begun(page, 5.1)
    assert page.evaluate(NOW) < 8
    page.evaluate("() => { window.location.hash = '#t=12'; }")
    begun(page, 12)

    other = window_of(browser, sam, site).open(f"/stories/{told.pk}/")
    expect(other.locator("media-control-bar")).to_be_visible()
    expect(other.locator("[data-resumed]")).to_be_hidden()


@pytest.fixture
def spoken(bo: User, mo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    tone = "sine=frequency=440:sample_rate=48000:duration=9"
    recording = Studio(tmp_path).shoot("voice.m4a", "-f", "lavfi", "-i", tone, "-c:a", "aac")
    return playable(bo, the_conversation, by=mo, recording=recording)


def test_a_story_told_by_sound_alone_has_the_same_controls(
    browser: Browser, site: str, ana: User, spoken: Story
) -> None:
    page = window_of(browser, ana, site).open(f"/stories/{spoken.pk}/")
    page.get_by_role("button", name="play", exact=True).click()
    begun(page, 0.3)
    assert complaints_of(page) == []
