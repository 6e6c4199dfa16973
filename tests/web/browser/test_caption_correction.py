"""Caption editor: play, split, join and save cues."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from challenges.models import Challenge
from media.captions.vtt import parse_captions
from media.models import Captions
from stories.models import Story
from tests.story_factories import create_complete_draft
from tests.web.browser_windows import axe_violations, open_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def own_draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


@pytest.fixture
def page(browser: Browser, bo: User, site: str, own_draft: Story) -> Page:
    cues = open_window(browser, bo, site).open(f"/tell/{own_draft.pk}/captions/en/")
    expect(cues.get_by_role("list", name="Captions, line by line")).to_be_visible()
    return cues


def save_and_read_cues(page: Page) -> list[tuple[int, int, str]]:
    page.get_by_role("button", name="Save: this is what I say").click()
    expect(page.get_by_text("The captions are saved.")).to_be_visible()
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse_captions(Captions.objects.get().vtt)]


def test_correcting_a_cue_keeps_the_timing_of_the_others(page: Page) -> None:
    page.locator("[data-cue-text]").first.fill("For ten years & more\n\nI put it off <quietly>.")
    assert save_and_read_cues(page) == [
        (1000, 4000, "For ten years & more\nI put it off <quietly>."),
        (5000, 8000, "Then I said it."),
    ]


def test_cues_can_be_split_joined_removed_and_moved(page: Page) -> None:
    page.get_by_role("button", name="Split here").first.click()
    expect(page.locator("[data-cue-text]")).to_have_count(3)
    page.get_by_role("button", name="Join with next line").nth(1).click()
    expect(page.locator("[data-cue-text]")).to_have_count(2)
    page.get_by_role("button", name="Remove line").first.click()
    page.locator("[data-end]").fill("0:09.5")
    ((_, end, text),) = save_and_read_cues(page)
    assert (end, text) == (9500, "I put it off. Then I said it.")


def test_caption_editor_is_accessible(page: Page) -> None:
    assert axe_violations(page) == []
