"""Plays a story in a browser: signs in, opens the page and starts playback."""

import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.journeys.visitor import Visitor

PLAYED_FOR_SECONDS = 3.0
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class PlaybackResult:
    """State of the player after a few seconds of playback."""

    media_time: float
    height: int
    captions: int


def play_story(browser: Browser, address: str, person: Visitor, story: str) -> PlaybackResult:
    """Fails on any error message in the console."""
    console_errors: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on(
        "console", lambda message: console_errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    sign_in(page, address, person)
    page.goto(f"{address}/stories/{story}/")
    assert page.evaluate("document.querySelector('video').paused"), "the video must not start automatically"
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    wait_until_played(page)
    result = page.evaluate(
        """() => { const video = document.querySelector('video'); return {
            media_time: video.currentTime, height: video.videoHeight,
            captions: video.textTracks.length ? (video.textTracks[0].cues || []).length : 0 }; }"""
    )
    assert console_errors == []
    return PlaybackResult(**result)


def sign_in(page: Page, address: str, person: Visitor) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Email").first.fill(person.email)
    page.get_by_label("Password").first.fill(person.password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def wait_until_played(page: Page) -> None:
    """Polls, because the content security policy blocks Playwright's wait_for_function."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while page.evaluate("document.querySelector('video').currentTime") <= PLAYED_FOR_SECONDS:
        assert time.monotonic() < deadline, "the recording did not play"
        page.wait_for_timeout(250)
