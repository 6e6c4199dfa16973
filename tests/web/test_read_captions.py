"""Reading one's captions beside the recording, and correcting them."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from media.models import Captions
from stories import publishing
from stories.models import Story
from tests.stories_told import WORDS, draft_by
from tests.web.pages import read
from tests.web.visits import summary_of, visit_by

pytestmark = pytest.mark.django_db
CORRECTED = "WEBVTT\n\n00:01.000 --> 00:04.000\nFor ten years I put it off.\n"


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    """Give a draft whose captions a machine wrote down."""
    story = draft_by(bo, the_conversation)
    Captions.objects.update(source=Captions.Source.AUTOMATIC)
    return story


def page(story: Story, language: str = "en") -> str:
    return f"/tell/{story.pk}/captions/{language}/"


def test_the_words_are_there_to_be_corrected_even_without_a_script(bo: User, told: Story) -> None:
    shown = visit_by(bo).get(page(told)).content.decode()
    assert "For two years I put it off." in shown
    assert "These are my words: save" in shown


def test_captions_that_were_read_and_saved_are_the_tellers_own(bo: User, told: Story) -> None:
    browser = visit_by(bo)
    assert "mishears" in read(browser.get(f"/tell/{told.pk}/captions/").content).words
    answer = browser.post(page(told), {"seen": told.version, "text": CORRECTED}, follow=True)
    assert "The captions are saved." in answer.content.decode()
    kept = Captions.objects.get()
    assert (kept.source, "ten years" in kept.vtt) == (Captions.Source.EDITED, True)
    assert publishing.missing(Story.objects.get(pk=told.pk)) == []


def test_what_cannot_be_read_is_refused_beside_the_words_and_nothing_is_lost(bo: User, told: Story) -> None:
    answer = visit_by(bo).post(
        page(told), {"seen": told.version, "text": "WEBVTT\n\n0:05 --> ?\nToo late.\n"}
    )
    assert answer.status_code == 400
    assert list(summary_of(answer)) == ["#id_text"]
    assert "Too late." in answer.content.decode()
    assert Captions.objects.get().source == Captions.Source.AUTOMATIC


def test_a_version_that_moved_on_is_said_to_have(bo: User, told: Story) -> None:
    answer = visit_by(bo).post(page(told), {"seen": told.version - 1, "text": CORRECTED})
    assert answer.status_code == 409
    assert "ten years" in answer.content.decode()


def test_to_others_it_is_not_there(sam: User, told: Story) -> None:
    assert visit_by(sam).get(page(told)).status_code == 404


def test_a_language_without_captions_has_no_page(bo: User, told: Story) -> None:
    assert visit_by(bo).get(page(told, "de")).status_code == 404


def test_what_waits_for_review_can_be_read_and_not_changed(bo: User, told: Story) -> None:
    Captions.objects.update(source=Captions.Source.EDITED)
    publishing.submit(told, by=bo, seen=told.version)
    browser = visit_by(bo)
    assert "These are my words" not in browser.get(page(told)).content.decode()
    fresh = Story.objects.get(pk=told.pk)
    assert browser.post(page(told), {"seen": fresh.version, "text": WORDS}).status_code == 409
