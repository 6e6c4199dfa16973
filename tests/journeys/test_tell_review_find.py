from collections.abc import Iterator

import pytest
import requests

from tests.chromium import launch_chromium, skip_without_chromium
from tests.installation import Installation, temporary_installation
from tests.journeys.browser_playback import play_story
from tests.journeys.tell_review_find import JourneyResult, get_story_as_viewer, run_all_journeys

pytestmark = [pytest.mark.e2e, pytest.mark.short]


@pytest.fixture(scope="module")
def sameboat() -> Iterator[Installation]:
    with temporary_installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def journeys(sameboat: Installation) -> JourneyResult:
    return run_all_journeys(sameboat)


def test_a_published_story_is_found_by_a_viewer(journeys: JourneyResult) -> None:
    story = get_story_as_viewer(journeys, journeys.story)

    assert story["playlist_url"]
    assert "age" not in str(story["teller_traits"])


def test_the_story_plays_in_a_browser_with_captions(sameboat: Installation, journeys: JourneyResult) -> None:
    skip_without_chromium()
    with launch_chromium() as browser:
        playback = play_story(browser, sameboat.address, journeys.ana, journeys.story)

    assert playback.media_time > 3
    assert playback.height > 0
    assert playback.captions == 2


def test_a_withdrawn_story_returns_404(journeys: JourneyResult) -> None:
    playlist = get_story_as_viewer(journeys, journeys.other_story)["playlist_url"]
    master = journeys.ana.fetch_page(playlist)
    assert master.status_code == 200

    journeys.bo.post(f"/stories/{journeys.other_story}/withdraw")

    assert journeys.ana.fetch_page(playlist).status_code == 404


def test_the_crisis_page_needs_no_account(sameboat: Installation) -> None:
    page = requests.get(f"{sameboat.address}/help-now", timeout=10)

    assert page.status_code == 200
    assert "988" in page.text
