"""A real browser before a real web server: for what only a script on a page does."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.web.visits import reviewing_visit_by, visit_by

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000  # a busy machine is slow, not wrong
DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Window:
    """One person's window on the site at `origin`."""

    context: BrowserContext
    page: Page
    origin: str

    def open(self, address: str) -> Page:
        self.page.goto(self.origin + address)
        return self.page


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("SAMEBOAT_CHROMIUM") or which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine; `make e2e` says how to get one")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def window_of(browser: Browser, person: User, origin: str, *, reviewing: bool = False) -> Window:
    """Open a window in which somebody is signed in already."""
    cookies = (reviewing_visit_by(person) if reviewing else visit_by(person)).cookies
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]  # a plain dict will do
    context.add_cookies(
        [{"name": name, "value": morsel.value, "url": origin} for name, morsel in cookies.items()]
    )
    return Window(context, context.new_page(), origin)


def complaints_of(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands: the rule, and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']][:3])}"
        for one in found["violations"]
    ]
