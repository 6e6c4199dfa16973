"""Reading one's captions beside the recording, and correcting them."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from media.models import Captions
from stories import publishing
from stories.models import Story
from tests.story_factories import CAPTIONS_TEXT, create_complete_draft
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db
CORRECTED = "WEBVTT\n\n00:01.000 --> 00:04.000\nFor ten years I put it off.\n"


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    """Give a draft whose captions a machine wrote down."""
    story = create_complete_draft(bo, the_conversation)
    Captions.objects.update(source=Captions.Source.AUTOMATIC)
    return story


def correction_url(story: Story, language: str = "en") -> str:
    return f"/tell/{story.pk}/captions/{language}/"


def test_the_words_are_there_to_be_corrected_even_without_a_script(bo: User, told: Story) -> None:
    shown = logged_in_client(bo).get(correction_url(told)).content.decode()
    assert "For two years I put it off." in shown
    assert "Save: this is what I say" in shown


def test_captions_that_were_read_and_saved_are_the_tellers_own(bo: User, told: Story) -> None:
    browser = logged_in_client(bo)
    assert "mishears" in parse_page(browser.get(f"/tell/{told.pk}/captions/").content).text
    answer = browser.post(correction_url(told), {"seen": told.version, "text": CORRECTED}, follow=True)
    assert "The captions are saved." in answer.content.decode()
    kept = Captions.objects.get()
    assert (kept.source, "ten years" in kept.vtt) == (Captions.Source.EDITED, True)
    assert publishing.missing_requirements(Story.objects.get(pk=told.pk)) == []


def test_what_cannot_be_read_is_refused_beside_the_words_and_nothing_is_lost(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(
        correction_url(told), {"seen": told.version, "text": "WEBVTT\n\n0:05 --> ?\nToo late.\n"}
    )
    assert answer.status_code == 400
    assert list(error_summary_of(answer)) == ["#id_text"]
    assert "Too late." in answer.content.decode()
    assert Captions.objects.get().source == Captions.Source.AUTOMATIC


def test_a_version_that_moved_on_is_said_to_have(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(correction_url(told), {"seen": told.version - 1, "text": CORRECTED})
    assert answer.status_code == 409
    assert "ten years" in answer.content.decode()


def test_to_others_it_is_not_there(sam: User, told: Story) -> None:
    assert logged_in_client(sam).get(correction_url(told)).status_code == 404


def test_a_language_without_captions_has_no_page(bo: User, told: Story) -> None:
    assert logged_in_client(bo).get(correction_url(told, "de")).status_code == 404


def test_what_waits_for_review_can_be_read_and_not_changed(bo: User, told: Story) -> None:
    Captions.objects.update(source=Captions.Source.EDITED)
    publishing.submit_story(told, by=bo, expected_version=told.version)
    browser = logged_in_client(bo)
    assert "Save: this is what I say" not in browser.get(correction_url(told)).content.decode()
    fresh = Story.objects.get(pk=told.pk)
    assert (
        browser.post(correction_url(told), {"seen": fresh.version, "text": CAPTIONS_TEXT}).status_code == 409
    )
