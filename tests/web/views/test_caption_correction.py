"""Correcting captions beside the recording."""

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
def own_draft(bo: User, the_conversation: Challenge) -> Story:
    """A draft with automatic captions."""
    story = create_complete_draft(bo, the_conversation)
    Captions.objects.update(source=Captions.Source.AUTOMATIC)
    return story


def correction_url(story: Story, language: str = "en") -> str:
    return f"/tell/{story.pk}/captions/{language}/"


def test_captions_can_be_corrected_without_javascript(bo: User, own_draft: Story) -> None:
    html = logged_in_client(bo).get(correction_url(own_draft)).content.decode()
    assert "For two years I put it off." in html
    assert "Save: this is what I say" in html


def test_saved_corrections_mark_the_captions_as_edited(bo: User, own_draft: Story) -> None:
    client = logged_in_client(bo)
    assert "mishears" in parse_page(client.get(f"/tell/{own_draft.pk}/captions/").content).text
    response = client.post(
        correction_url(own_draft), {"seen": own_draft.version, "text": CORRECTED}, follow=True
    )
    assert "The captions are saved." in response.content.decode()
    captions = Captions.objects.get()
    assert (captions.source, "ten years" in captions.vtt) == (Captions.Source.EDITED, True)
    assert publishing.missing_requirements(Story.objects.get(pk=own_draft.pk)) == []


def test_malformed_captions_are_rejected_and_the_input_is_kept(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        correction_url(own_draft), {"seen": own_draft.version, "text": "WEBVTT\n\n0:05 --> ?\nToo late.\n"}
    )
    assert response.status_code == 400
    assert list(error_summary_of(response)) == ["#id_text"]
    assert "Too late." in response.content.decode()
    assert Captions.objects.get().source == Captions.Source.AUTOMATIC


def test_stale_version_is_reported(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        correction_url(own_draft), {"seen": own_draft.version - 1, "text": CORRECTED}
    )
    assert response.status_code == 409
    assert "ten years" in response.content.decode()


def test_other_users_get_404(sam: User, own_draft: Story) -> None:
    assert logged_in_client(sam).get(correction_url(own_draft)).status_code == 404


def test_language_without_captions_answers_404(bo: User, own_draft: Story) -> None:
    assert logged_in_client(bo).get(correction_url(own_draft, "de")).status_code == 404


def test_captions_in_review_are_read_only(bo: User, own_draft: Story) -> None:
    Captions.objects.update(source=Captions.Source.EDITED)
    publishing.submit_story(own_draft, by=bo, expected_version=own_draft.version)
    client = logged_in_client(bo)
    assert "Save: this is what I say" not in client.get(correction_url(own_draft)).content.decode()
    story = Story.objects.get(pk=own_draft.pk)
    assert (
        client.post(correction_url(own_draft), {"seen": story.version, "text": CAPTIONS_TEXT}).status_code
        == 409
    )
