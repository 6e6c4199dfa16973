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
def walked(sameboat: Installation) -> JourneyResult:
    return run_all_journeys(sameboat)


def test_a_story_told_by_one_and_reviewed_by_another_is_found_by_a_third(walked: JourneyResult) -> None:
    story = get_story_as_viewer(walked, walked.story)

    assert story["playlist"]
    assert "age" not in str(story["shown"])


def test_it_plays_in_a_browser_with_its_captions(sameboat: Installation, walked: JourneyResult) -> None:
    skip_without_chromium()
    with launch_chromium() as browser:
        seen = play_story(browser, sameboat.address, walked.ana, walked.story)

    assert seen.media_time > 3
    assert seen.height > 0
    assert seen.captions == 2


def test_no_byte_is_to_be_had_after_the_teller_has_withdrawn(walked: JourneyResult) -> None:
    playlist = get_story_as_viewer(walked, walked.other_story)["playlist"]
    master = walked.ana.fetch_page(playlist)
    assert master.status_code == 200

    walked.bo.post(f"/stories/{walked.other_story}/withdraw")

    assert walked.ana.fetch_page(playlist).status_code == 404


def test_help_is_there_without_an_account(sameboat: Installation) -> None:
    page = requests.get(f"{sameboat.address}/help-now", timeout=10)

    assert page.status_code == 200
    assert "988" in page.text
