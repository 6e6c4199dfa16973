"""Review page in a browser: blur, lease, keyboard."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from accounts.models import User
from challenges.models import Challenge
from moderation import queue
from moderation.models import Claim
from stories.models import Story
from tests.story_factories import create_story_in_review
from tests.web.browser_windows import BrowserWindow, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WORDS = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nAt first\n\n00:00:09.000 --> 00:00:12.000\nIn the end\n"


@pytest.fixture
def held_story(bo: User, mo: User, the_conversation: Challenge) -> Story:
    story = create_story_in_review(bo, the_conversation, traits_then={"age": 41}, shown_traits=["age"])
    assert story.video is not None
    story.video.captions.update(vtt=WORDS, cues=2)
    queue.claim_story(story, by=mo, now=timezone.now())
    return story


@pytest.fixture
def reviewer_window(browser: Browser, mo: User, site: str) -> BrowserWindow:
    return open_window(browser, mo, site, reviewing=True)


@pytest.mark.short
def test_blur_greyscale_and_mute_are_on_by_default_and_remembered(
    reviewer_window: BrowserWindow, held_story: Story
) -> None:
    page = reviewer_window.open(f"/review/{held_story.pk}/")
    video = page.locator("video")
    assert "blur(14px) grayscale(1)" in video.evaluate("video => getComputedStyle(video).filter")
    assert video.evaluate("video => video.muted")
    page.get_by_role("button", name="Blur").click()
    page.get_by_role("button", name="Mute").click()
    page.reload()
    assert video.evaluate("video => getComputedStyle(video).filter") == "grayscale(1)"
    assert not video.evaluate("video => video.muted")
    expect(page.locator("[data-protection=blur]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-protection=grey]")).to_have_attribute("aria-pressed", "true")


def test_transcript_line_seeks_the_player(reviewer_window: BrowserWindow, held_story: Story) -> None:
    page = reviewer_window.open(f"/review/{held_story.pk}/")
    page.get_by_role("button", name="In the end").click()
    assert page.locator("video").evaluate("video => video.currentTime") == 9


def test_player_buttons_work_while_blurred(reviewer_window: BrowserWindow, held_story: Story) -> None:
    page = reviewer_window.open(f"/review/{held_story.pk}/")
    video = page.locator("video")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Skip forward 5 seconds").click()
    page.get_by_role("button", name="Skip forward 5 seconds").click()
    page.get_by_role("button", name="Skip back 5 seconds").click()
    assert video.evaluate("video => video.currentTime") == 5
    expect(page.locator("[data-time]")).to_have_text("0:05 / 0:32")
    page.get_by_label("Position in the recording").fill("20")
    assert video.evaluate("video => video.currentTime") == 20


def test_claim_is_renewed_without_leaving_the_page(
    reviewer_window: BrowserWindow, mo: User, held_story: Story
) -> None:
    claim = Claim.objects.active().held_by(mo).get()
    page = reviewer_window.open(f"/review/{held_story.pk}/")
    page.get_by_label("Note to the teller").fill("You were brave.")
    page.get_by_role("button", name="Keep it for ten more minutes").click()
    expect(page.locator("[data-live]")).to_have_text("This story is reserved for you for ten more minutes.")
    expect(page.get_by_label("Note to the teller")).to_have_value("You were brave.")
    assert Claim.objects.active().held_by(mo).get().lease_until > claim.lease_until


@pytest.mark.short
def test_review_works_by_keyboard(
    reviewer_window: BrowserWindow, bo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)
    page = reviewer_window.open("/review/")
    page.get_by_role("button", name="Review the next story").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Checklist")).to_be_visible()
    for question in page.locator(".rubric-item").all():
        question.get_by_role("radio", name="Yes").focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Approved.")
    story.refresh_from_db()
    assert story.open_to_members
