"""The machine's own Chromium without a window: the only place of the tests that looks for it and starts it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from config.local.place import ROOT

FINDER = ROOT / "config" / "local" / "browser"
PATIENCE_MS = 20_000  # a busy machine is slow, not wrong
FLAGS = (
    "--no-sandbox",  # Chromium refuses to be root with one; it is shown nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera and a microphone that beep; pages still have to ask
)


class NoChromium(Exception):
    """Nobody has installed a Chromium on this machine."""

    def __init__(self) -> None:
        super().__init__("there is no Chromium on this machine: `make e2e` says how to get one")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser and end it afterwards. Raises NoChromium."""
    path = where()
    if path is None:
        raise NoChromium
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def where() -> str | None:
    looked = subprocess.run([FINDER, "--find"], capture_output=True, text=True, check=False)
    return looked.stdout.strip() or None


def skip_without_chromium() -> None:
    """Let a test that needs a browser say so and go, where there is none."""
    if where() is None:
        pytest.skip(str(NoChromium()))
