"""Viewer journey by keyboard, with visible focus."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from challenges.models import Challenge, Reading, ReadingMoment
from practice.models import Step, Viewing
from stories.models import Story
from tests.media.sample_recordings import RecordingFactory
from tests.web.browser_windows import open_window
from tests.web.playable_stories import published_story_from_recording

pytestmark = [pytest.mark.e2e, pytest.mark.short, pytest.mark.django_db(transaction=True)]
MAX_TAB_STOPS = 60
RUNGS = 7


@pytest.fixture
def published_story(bo: User, mo: User, the_conversation: Challenge, site: str, tmp_path: Path) -> Story:
    """A published story by Bo with a playable recording."""
    return published_story_from_recording(
        bo, the_conversation, by=mo, recording=RecordingFactory(tmp_path).video_with_tone(seconds=4)
    )


def tab_to(goal: Locator) -> None:
    """Press Tab until the element has the focus."""
    page = goal.page
    for _ in range(MAX_TAB_STOPS):
        page.keyboard.press("Tab")
        assert has_visible_focus(page), (
            f"nobody can see that this has the focus: {describe_focused_element(page)}"
        )
        if goal.evaluate("goal => goal === document.activeElement"):
            return
    raise AssertionError(f"{goal} is not to be reached by keyboard")


def follow_link_by_keyboard(goal: Locator) -> None:
    """Focus a link or button, press it, and wait for the next page."""
    tab_to(goal)
    with goal.page.expect_navigation():
        goal.page.keyboard.press("Enter")


def has_visible_focus(page: Page) -> bool:
    """Whether the focused element or its label has an outline."""
    return bool(
        page.evaluate("""() => {
            const drawn = (element) => element && getComputedStyle(element).outlineStyle !== "none";
            const focused = document.activeElement;
            return focused.matches("video") || drawn(focused) || drawn(focused.nextElementSibling) || drawn(focused.closest(".card"));
        }""")
    )


def describe_focused_element(page: Page) -> str:
    return str(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))


def rate_by_keyboard(page: Page, *, steps_to_the_right: int) -> None:
    """Rate each rung with the arrow keys; the first key press selects 10."""
    for position in range(1, RUNGS + 1):
        tab_to(page.locator(f"input[name='ratings.{position}']").first)
        for _ in range(steps_to_the_right):
            page.keyboard.press("ArrowRight")
    follow_link_by_keyboard(page.get_by_role("button", name="Continue"))


def test_viewer_journey_works_by_keyboard(
    browser: Browser, site: str, ana: User, published_story: Story
) -> None:
    page = open_window(browser, ana, site).open("/")
    follow_link_by_keyboard(page.get_by_role("link", name=published_story.challenge.title))
    follow_link_by_keyboard(page.get_by_role("link", name="Say how sure you are"))
    rate_by_keyboard(page, steps_to_the_right=3)
    follow_link_by_keyboard(page.get_by_role("link", name="Skip this and see the stories"))

    follow_link_by_keyboard(page.get_by_role("link", name=published_story.title))
    tab_to(page.get_by_role("button", name="0:02"))
    page.keyboard.press("Enter")
    video = page.locator("video")
    expect(video).to_be_focused()
    page.wait_for_function("() => document.querySelector('video').currentTime > 2.5", timeout=30_000)
    page.keyboard.press("Space")
    assert video.evaluate("video => video.paused")
    follow_link_by_keyboard(page.get_by_role("link", name="I have watched it"))

    tab_to(page.locator("input[name=like_me]").first)
    page.keyboard.press("ArrowRight")
    rate_by_keyboard(page, steps_to_the_right=5)
    tab_to(page.locator("[name=text]"))
    page.keyboard.type("Write the first line")
    follow_link_by_keyboard(page.get_by_role("button", name="I will try this"))
    expect(page.get_by_role("status")).to_contain_text("Saved.")

    before, after = Reading.objects.with_ratings().order_by("taken_at")
    assert (before.moment, after.moment) == (ReadingMoment.BEFORE, ReadingMoment.AFTER)
    assert set(before.ratings_by_position().values()) == {30}
    assert set(after.ratings_by_position().values()) == {50}
    assert Viewing.objects.filter(like_me=1).exists()
    assert Step.objects.get().text == "Write the first line"


def test_skip_link_leads_to_the_content(
    browser: Browser, site: str, ana: User, the_conversation: Challenge
) -> None:
    page = open_window(browser, ana, site).open("/challenges/the-conversation/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
