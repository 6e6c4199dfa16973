"""Watch a story in a browser, as a person would: sign in, open the page, press play."""

import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.journeys.visitor import Visitor

PLAYED_FOR_SECONDS = 3.0
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class PlaybackResult:
    """What the player did within some seconds of playing."""

    media_time: float
    height: int
    captions: int


def play_story(browser: Browser, address: str, person: Visitor, story: str) -> PlaybackResult:
    """Play a story and return how far its media time advanced; any message in the console is a fault."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, address, person)
    page.goto(f"{address}/stories/{story}/")
    assert page.evaluate("document.querySelector('video').paused"), "nothing may start by itself"
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    wait_until_played(page)
    seen = page.evaluate(
        """() => { const video = document.querySelector('video'); return {
            media_time: video.currentTime, height: video.videoHeight,
            captions: video.textTracks.length ? (video.textTracks[0].cues || []).length : 0 }; }"""
    )
    assert complaints == []
    return PlaybackResult(**seen)


def sign_in(page: Page, address: str, person: Visitor) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Email").first.fill(person.email)
    page.get_by_label("Password").first.fill(person.password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def wait_until_played(page: Page) -> None:
    """Look again and again: the pages' own rules forbid what Playwright would wait with."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while page.evaluate("document.querySelector('video').currentTime") <= PLAYED_FOR_SECONDS:
        assert time.monotonic() < deadline, "the recording did not play"
        page.wait_for_timeout(250)
