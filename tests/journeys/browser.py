"""Watch a story in headless Chromium, as a person would: sign in, open the page, press play."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.visitor import Visitor

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PLAYED_FOR_SECONDS = 3.0
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Seen:
    """What the player did within some seconds of playing."""

    media_time: float
    height: int
    captions: int


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium; the test is skipped where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine: `make e2e` installs it where it may")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, address: str, person: Visitor) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill(person.email)
    page.get_by_label("Password").first.fill(person.password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def wait_until_played(page: Page) -> None:
    """Look again and again: the pages' own rules forbid what Playwright would wait with."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while page.evaluate("document.querySelector('video').currentTime") <= PLAYED_FOR_SECONDS:
        assert time.monotonic() < deadline, "the recording did not play"
        page.wait_for_timeout(250)


def watch_in_a_browser(address: str, person: Visitor, story: str) -> Seen:
    """Play a story and return how far its media time advanced; any message in the console is a fault."""
    complaints: list[str] = []
    with chromium() as browser:
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
    return Seen(**seen)
