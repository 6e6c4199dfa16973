"""Takes the screenshots of the README from a local installation with the demonstration: `python -m tests.journeys.screenshots`."""

import io
import sys
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Browser, Page

from devstack.paths import ROOT
from tests.chromium import launch_chromium
from tests.installation import Installation, running_installation

SCREENSHOT_DIR = ROOT / "docs" / "pictures"
PHONE_VIEWPORT, DESKTOP_VIEWPORT = {"width": 390, "height": 844}, {"width": 1280, "height": 844}
BACKGROUND_COLOUR, GAP_PIXELS = (226, 226, 222), 24
PASSWORD = "a-quiet-harbour"  # public: printed at every start of the demonstration
CHALLENGE = "/challenges/the-conversation/"


def main() -> None:
    sameboat = running_installation()
    SCREENSHOT_DIR.mkdir(exist_ok=True)
    with launch_chromium() as browser:
        for name, person, open_page in (
            ("slate", "ana", rate_and_open_slate),
            ("find", "ana", open_challenge),
            ("review", "mo", open_review),
        ):
            screenshots = [
                take_screenshot(browser, sameboat, person, open_page, size)
                for size in (PHONE_VIEWPORT, DESKTOP_VIEWPORT)
            ]
            join_side_by_side(screenshots).save(SCREENSHOT_DIR / f"{name}.png", optimize=True)
            sys.stdout.write(f"docs/pictures/{name}.png\n")


def take_screenshot(
    browser: Browser,
    sameboat: Installation,
    person: str,
    open_page: Callable[[Page, str], None],
    size: dict[str, int],
) -> Image.Image:
    context = browser.new_context(viewport={"width": size["width"], "height": size["height"]})
    page = context.new_page()
    sign_in(page, sameboat, person)
    open_page(page, sameboat.address)
    page.wait_for_load_state("networkidle")
    screenshots = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    return screenshots.convert("RGB")


def sign_in(page: Page, sameboat: Installation, person: str) -> None:
    page.goto(f"{sameboat.address}/accounts/login/")
    page.locator("input[type=email]").fill(f"{person}@demo.localhost")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    if "2fa" in page.url:
        line = next(
            line for line in sameboat.run_manage_command("demo_logins").splitlines() if f"{person}@" in line
        )
        page.locator("input[name=code]").fill(line.rpartition("now: ")[2].rstrip(")"))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()


def open_challenge(page: Page, address: str) -> None:
    page.goto(f"{address}{CHALLENGE}")


def rate_and_open_slate(page: Page, address: str) -> None:
    page.goto(f"{address}{CHALLENGE}rate/")
    for rung, confidence in enumerate((70, 50, 30, 30, 20, 20, 10), start=1):
        page.locator(f"input[type=radio][name$='{rung}'][value='{confidence}']").first.check(force=True)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{address}{CHALLENGE}stories/")


def open_review(page: Page, address: str) -> None:
    page.goto(f"{address}/review/")
    # A button if no story is claimed yet, a link to the claimed story otherwise.
    page.locator("main a.button, main form button[type=submit]").first.click()
    page.wait_for_load_state()


def join_side_by_side(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP_PIXELS * (len(pictures) + 1)
    sheet = Image.new(
        "RGB", (width, max(picture.height for picture in pictures) + 2 * GAP_PIXELS), BACKGROUND_COLOUR
    )
    x = GAP_PIXELS
    for picture in pictures:
        sheet.paste(picture, (x, GAP_PIXELS))
        x += picture.width + GAP_PIXELS
    return sheet.quantize(128).convert("RGB")


if __name__ == "__main__":
    main()
