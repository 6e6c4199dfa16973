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
def test_a_member_sees_exactly_what_is_published_and_neither_hidden_nor_held(
    story: Story, ana: User, state: StoryState, *, hidden: bool, held: bool
) -> None:
    Story.objects.filter(pk=story.pk).update(state=state, hidden=hidden, held=held)

    seen = Story.objects.visible_to(ana).exists()

    assert seen == (state == StoryState.PUBLISHED and not hidden and not held)


def test_nobody_who_is_not_signed_in_sees_a_story(story: Story) -> None:
    assert not Story.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("state", set(StoryState) - {StoryState.REMOVED})
def test_a_teller_sees_their_own_story_whatever_its_state(story: Story, bo: User, state: StoryState) -> None:
    Story.objects.filter(pk=story.pk).update(state=state)

    assert Story.objects.visible_to(bo).exists()


def test_a_removed_story_is_gone_even_for_its_teller(story: Story, bo: User) -> None:
    Story.objects.filter(pk=story.pk).update(state=StoryState.REMOVED)

    assert not Story.objects.visible_to(bo).exists()


def test_a_moderators_role_alone_opens_nobody_elses_draft(story: Story, mo: User) -> None:
    Story.objects.filter(pk=story.pk).update(state=StoryState.DRAFT)

    assert not Story.objects.visible_to(mo).exists()
