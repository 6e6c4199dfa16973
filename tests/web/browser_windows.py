"""Browser windows for end-to-end tests."""

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from accounts.models import User
from tests.web.clients import logged_in_client, reviewer_client

AXE_SCRIPT = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP_VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
PHONE_VIEWPORT: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True)
class BrowserWindow:
    """A user's window on the site at `origin`."""

    context: BrowserContext
    page: Page
    origin: str

    def open(self, address: str) -> Page:
        self.page.goto(self.origin + address)
        return self.page


def open_window(
    browser: Browser,
    person: User | None,
    origin: str,
    *,
    reviewing: bool = False,
    size: ViewportSize = DESKTOP_VIEWPORT,
) -> BrowserWindow:
    """Open a window, logged in unless `person` is None."""
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    if person is not None:
        cookies = (reviewer_client(person) if reviewing else logged_in_client(person)).cookies
        context.add_cookies(
            [{"name": name, "value": morsel.value, "url": origin} for name, morsel in cookies.items()]
        )
    return BrowserWindow(context, context.new_page(), origin)


def axe_violations(page: Page) -> list[str]:
    """Return the rule and the elements of each violation."""
    page.evaluate(AXE_SCRIPT.read_text())
    results = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {json.dumps([node['target'] for node in violation['nodes']][:3])}"
        for violation in results["violations"]
    ]
