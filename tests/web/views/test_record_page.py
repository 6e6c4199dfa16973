"""The page on which a story is recorded: what stands on it, and for whom."""

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


def test_every_chapter_stands_there_with_its_prompt(bo: User, the_conversation: Challenge) -> None:
    answer = logged_in_client(bo).get(record_page_url(create_complete_draft(bo, the_conversation)))
    assert answer.status_code == 200
    for prompt in chapter_prompts():
        assert prompt.title in parse_page(answer.content).text
        assert prompt.text.replace("'", "&#x27;") in answer.content.decode()


def test_somebody_elses_story_is_not_there(sam: User, bo: User, the_conversation: Challenge) -> None:
    assert (
        logged_in_client(sam).get(record_page_url(create_complete_draft(bo, the_conversation))).status_code
        == 404
    )


def test_a_story_that_was_sent_is_not_recorded_anew(bo: User, the_conversation: Challenge) -> None:
    answer = logged_in_client(bo).get(record_page_url(create_story_in_review(bo, the_conversation)))
    assert "You cannot change the recording now" in parse_page(answer.content).text
    assert b"record/record_page.js" not in answer.content
