"""Finds and starts headless Chromium for the browser tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from devstack.paths import ROOT

FINDER_SCRIPT = ROOT / "devstack" / "scripts" / "find_chromium.sh"
TIMEOUT_MS = 20_000  # generous, for busy machines
CHROMIUM_FLAGS = (
    "--no-sandbox",  # Chromium's sandbox refuses to run as root; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # fake camera and microphone; pages still have to ask for permission
)


class ChromiumNotFound(Exception):
    def __init__(self) -> None:
        super().__init__("Chromium is not installed; `make e2e` explains how to install it")


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Raises ChromiumNotFound."""
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
    completed = subprocess.run([FINDER_SCRIPT, "--find"], capture_output=True, text=True, check=False)
    return completed.stdout.strip() or None


def skip_without_chromium() -> None:
    if find_chromium() is None:
        pytest.skip(str(ChromiumNotFound()))
