"""The page on which a story is recorded: what stands on it, and for whom."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.stories_told import draft_by, story_in_review
from tests.web.pages import read
from tests.web.visits import visit_by
from web.prompts import prompts

pytestmark = pytest.mark.django_db


def address(story: Story) -> str:
    return f"/tell/{story.pk}/record/"


def test_every_chapter_stands_there_with_its_prompt(bo: User, the_conversation: Challenge) -> None:
    answer = visit_by(bo).get(address(draft_by(bo, the_conversation)))
    assert answer.status_code == 200
    for prompt in prompts():
        assert prompt.title in read(answer.content).words
        assert prompt.words.replace("'", "&#x27;") in answer.content.decode()


def test_somebody_elses_story_is_not_there(sam: User, bo: User, the_conversation: Challenge) -> None:
    assert visit_by(sam).get(address(draft_by(bo, the_conversation))).status_code == 404


def test_a_story_that_was_sent_is_not_recorded_anew(bo: User, the_conversation: Challenge) -> None:
    answer = visit_by(bo).get(address(story_in_review(bo, the_conversation)))
    assert "its recording cannot be changed now" in read(answer.content).words
    assert b"record/page.js" not in answer.content
