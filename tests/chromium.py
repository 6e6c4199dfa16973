"""The machine's own Chromium without a window: the only place of the tests that looks for it and starts it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from devstack.paths import ROOT

FINDER_SCRIPT = ROOT / "devstack" / "scripts" / "find_chromium.sh"
TIMEOUT_MS = 20_000  # a busy machine is slow, not wrong
CHROMIUM_FLAGS = (
    "--no-sandbox",  # Chromium refuses to be root with one; it is shown nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera and a microphone that beep; pages still have to ask
)


class ChromiumNotFound(Exception):
    """Nobody has installed a Chromium on this machine."""

    def __init__(self) -> None:
        super().__init__("there is no Chromium on this machine: `make e2e` says how to get one")


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Start a browser and end it afterwards. Raises NoChromium."""
    path = find_chromium()
    if path is None:
        raise ChromiumNotFound
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def find_chromium() -> str | None:
    looked = subprocess.run([FINDER_SCRIPT, "--find"], capture_output=True, text=True, check=False)
    return looked.stdout.strip() or None


def skip_without_chromium() -> None:
    """Let a test that needs a browser say so and go, where there is none."""
    if find_chromium() is None:
        pytest.skip(str(ChromiumNotFound()))
