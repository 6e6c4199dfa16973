import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story, StoryState
from tests.story_factories import create_published_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(bo: User, mo: User, the_conversation: Challenge) -> Story:
    return create_published_story(bo, the_conversation, by=mo)


@pytest.mark.parametrize("state", StoryState)
@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("held", [True, False])
def test_members_see_only_published_stories_that_are_neither_hidden_nor_held(
    story: Story, ana: User, state: StoryState, *, hidden: bool, held: bool
) -> None:
    Story.objects.filter(pk=story.pk).update(state=state, hidden=hidden, held=held)

    seen = Story.objects.visible_to(ana).exists()

    assert seen == (state == StoryState.PUBLISHED and not hidden and not held)


def test_anonymous_users_see_no_story(story: Story) -> None:
    assert not Story.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("state", set(StoryState) - {StoryState.REMOVED})
def test_tellers_see_their_own_stories_in_any_other_state(story: Story, bo: User, state: StoryState) -> None:
    Story.objects.filter(pk=story.pk).update(state=state)

    assert Story.objects.visible_to(bo).exists()


def test_tellers_do_not_see_their_removed_stories(story: Story, bo: User) -> None:
    Story.objects.filter(pk=story.pk).update(state=StoryState.REMOVED)

    assert not Story.objects.visible_to(bo).exists()


def test_a_moderator_does_not_see_drafts_of_others(story: Story, mo: User) -> None:
    Story.objects.filter(pk=story.pk).update(state=StoryState.DRAFT)

    assert not Story.objects.visible_to(mo).exists()
