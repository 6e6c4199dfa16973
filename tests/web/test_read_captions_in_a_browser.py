"""The list of lines that a script makes of the captions: what is heard, split, joined and saved."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from challenges.models import Challenge
from media.captions import parse
from media.models import Captions
from stories.models import Story
from tests.stories_told import draft_by
from tests.web.browsers import complaints_of, window_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    return draft_by(bo, the_conversation)


@pytest.fixture
def page(browser: Browser, bo: User, site: str, told: Story) -> Page:
    shown = window_of(browser, bo, site).open(f"/tell/{told.pk}/captions/en/")
    expect(shown.get_by_role("list", name="The captions, line by line")).to_be_visible()
    return shown


def save(page: Page) -> list[tuple[int, int, str]]:
    page.get_by_role("button", name="These are my words: save").click()
    expect(page.get_by_text("The captions are saved.")).to_be_visible()
    return [(cue.start, cue.end, cue.words) for cue in parse(Captions.objects.get().vtt)]


def test_a_line_is_corrected_and_the_others_stay_to_the_thousandth(page: Page) -> None:
    page.locator("[data-said]").first.fill("For ten years & more\n\nI put it off <quietly>.")
    assert save(page) == [
        (1000, 4000, "For ten years & more\nI put it off <quietly>."),
        (5000, 8000, "Then I said it."),
    ]


def test_lines_are_split_joined_taken_out_and_moved(page: Page) -> None:
    page.get_by_role("button", name="Split here").first.click()
    expect(page.locator("[data-said]")).to_have_count(3)
    page.get_by_role("button", name="Join with the next").nth(1).click()
    expect(page.locator("[data-said]")).to_have_count(2)
    page.get_by_role("button", name="Take out").first.click()
    page.locator("[data-end]").fill("0:09.5")
    ((_, end, words),) = save(page)
    assert (end, words) == (9500, "I put it off. Then I said it.")


def test_the_page_can_be_used_by_everybody(page: Page) -> None:
    assert complaints_of(page) == []
