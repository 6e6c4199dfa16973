"""Sending a recording when the worst comes between: a tab that is killed halfway, and half a minute without a connection."""

import contextlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from media.models import Upload
from stories import telling
from stories.models import Story
from tests.web.browsers import Window, window_of
from tests.web.test_tell_in_a_browser import (
    PART,
    choose,
    expect_arrival,
    listen_for_parts,
    part_number,
    sending,
    slow_down,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PARTS = 4
SECONDS_AWAY = 30
LAST_WORDS = 14  # what was under way when the connection went may still arrive


@pytest.fixture
def bare(bo: User, the_conversation: Challenge, settings: Settings) -> Story:
    settings.UPLOAD_PART_BYTES = PART
    return telling.start(the_conversation, telling.StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "my story.mp4"
    file.write_bytes(os.urandom(PART * PARTS))
    return file


@pytest.fixture
def window(browser: Browser, bo: User, site: str) -> Window:
    return window_of(browser, bo, site)


@pytest.mark.short
def test_after_the_tab_is_killed_halfway_only_the_other_half_goes_up(
    window: Window, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = listen_for_parts(page)
    held_back = {3, 4}
    page.route(
        "**/*partNumber=*",
        lambda route: route.abort() if part_number(route) in held_back else route.continue_(),
    )
    choose(page, recording)
    expect(page.locator("[data-figures]")).to_contain_text("(50 %)", timeout=30_000)
    # The process of the tab goes, without a word to the page in it.
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")

    again = Window(window.context, window.context.new_page(), window.origin)
    page = sending(again, bare)
    expect(page.locator("[data-hint]")).to_contain_text("50 % of “my story.mp4” is here already")
    missing = listen_for_parts(page)
    choose(page, recording)
    expect_arrival(page, bare)
    assert set(taken) == {1, 2}
    assert set(missing) == held_back
    assert Upload.objects.count() == 1


def test_half_a_minute_without_a_connection_costs_nothing_but_the_time(
    window: Window, bare: Story, recording: Path
) -> None:
    page = sending(window, bare)
    taken = listen_for_parts(page)
    slow_down(window, page)
    choose(page, recording)
    expect(page.locator("[data-figures]")).to_contain_text("a second")
    window.context.set_offline(True)
    expect(page.locator("[data-figures]")).to_contain_text("No connection.")
    page.wait_for_timeout(LAST_WORDS * 1000)
    before = len(taken)
    page.wait_for_timeout((SECONDS_AWAY - LAST_WORDS) * 1000)
    assert len(taken) == before < PARTS
    window.context.set_offline(False)
    expect_arrival(page, bare)
    assert Upload.objects.count() == 1
