"""Recorder page: its content and who may open it."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.story_factories import create_complete_draft, create_story_in_review
from tests.web.clients import logged_in_client
from tests.web.html_pages import parse_page
from web.chapter_prompts import chapter_prompts

pytestmark = pytest.mark.django_db


def record_page_url(story: Story) -> str:
    return f"/tell/{story.pk}/record/"


def test_every_chapter_is_listed_with_its_prompt(bo: User, the_conversation: Challenge) -> None:
    response = logged_in_client(bo).get(record_page_url(create_complete_draft(bo, the_conversation)))
    assert response.status_code == 200
    for prompt in chapter_prompts():
        assert prompt.title in parse_page(response.content).text
        assert prompt.text.replace("'", "&#x27;") in response.content.decode()


def test_story_of_another_user_answers_404(sam: User, bo: User, the_conversation: Challenge) -> None:
    assert (
        logged_in_client(sam).get(record_page_url(create_complete_draft(bo, the_conversation))).status_code
        == 404
    )


def test_submitted_story_cannot_be_recorded_again(bo: User, the_conversation: Challenge) -> None:
    response = logged_in_client(bo).get(record_page_url(create_story_in_review(bo, the_conversation)))
    assert "You cannot change the recording now" in parse_page(response.content).text
    assert b"record/record_page.js" not in response.content
