from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge
from practice import viewings
from practice.models import SavedStory, Viewing
from practice.viewings import InvalidViewingAnswer, NotYourViewing, OwnStoryViewing
from stories.models import Story
from tests.story_factories import create_published_story

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def story(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return create_published_story(bo, the_conversation, by=mo)


def test_a_viewing_is_resumed_within_the_resume_window(ana: User, story: Story) -> None:
    first = viewings.start_viewing(story, by=ana, slate=None, now=NOW)

    assert viewings.start_viewing(story, by=ana, slate=None, now=NOW + timedelta(minutes=5)) == first
    assert viewings.start_viewing(story, by=ana, slate=None, now=NOW + timedelta(hours=5)) != first


def test_finishing_leaves_other_values_unchanged(ana: User, story: Story) -> None:
    viewing = viewings.start_viewing(story, by=ana, slate=None, now=NOW)
    viewings.finish_viewing(viewing, by=ana, now=NOW, furthest_ms=30_000)
    viewings.finish_viewing(viewing, by=ana, now=NOW, like_me=8)
    viewings.finish_viewing(viewing, by=ana, now=NOW, furthest_ms=10_000)

    stored = Viewing.objects.get()
    assert (stored.furthest_ms, stored.like_me) == (30_000, 8)


@pytest.mark.parametrize("like_me", [-1, 11])
def test_a_like_me_answer_out_of_range_is_refused(ana: User, story: Story, like_me: int) -> None:
    viewing = viewings.start_viewing(story, by=ana, slate=None, now=NOW)

    with pytest.raises(InvalidViewingAnswer) as error:
        viewings.finish_viewing(viewing, by=ana, now=NOW, like_me=like_me)
    assert error.value.field == "like_me"


def test_only_the_viewer_can_finish_a_viewing(ana: User, sam: User, story: Story) -> None:
    viewing = viewings.start_viewing(story, by=ana, slate=None, now=NOW)

    with pytest.raises(NotYourViewing):
        viewings.finish_viewing(viewing, by=sam, now=NOW, like_me=1)


def test_saving_and_unsaving_are_idempotent(ana: User, story: Story) -> None:
    viewings.save_story(story, by=ana, now=NOW)
    viewings.save_story(story, by=ana, now=NOW)
    assert SavedStory.objects.count() == 1

    viewings.unsave_story(story, by=ana)
    viewings.unsave_story(story, by=ana)
    assert not SavedStory.objects.exists()


def test_viewings_of_ones_own_story_are_refused(bo: User, story: Story) -> None:
    with pytest.raises(OwnStoryViewing):
        viewings.start_viewing(story, by=bo, slate=None, now=NOW)
    assert not Viewing.objects.exists()
