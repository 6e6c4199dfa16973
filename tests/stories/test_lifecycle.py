import itertools

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit import trail
from audit.models import Event
from challenges.models import Challenge
from stories import lifecycle, publishing
from stories.lifecycle import ALLOWED_TRANSITIONS, StoryTransition, StoryVersionConflict, TransitionNotAllowed
from stories.models import CatalogueChange, Story, StoryState
from tests.story_factories import create_complete_draft, create_published_story, create_story_in_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(StoryState, StoryState)))
def test_a_story_moves_exactly_as_the_table_says(draft: Story, old: StoryState, new: StoryState) -> None:
    facts = {"content_hash": "c", "approved_hash": "c", "published_at": draft.created_at}
    Story.objects.filter(pk=draft.pk).update(state=old, **facts)

    if new in ALLOWED_TRANSITIONS[old]:
        assert lifecycle.transition_story(draft, StoryTransition(new), by=draft.teller).state == new
    else:
        with pytest.raises(TransitionNotAllowed) as refused:
            lifecycle.transition_story(draft, StoryTransition(new), by=draft.teller)
        assert refused.value.story.state == old


def test_a_move_leaves_a_trace_for_the_teller_and_for_the_audit(draft: Story, mo: User) -> None:
    moved = lifecycle.transition_story(
        draft, StoryTransition(StoryState.WITHDRAWN, "A change of heart"), by=draft.teller
    )

    event = moved.events.get()
    assert (event.old, event.new, event.reason) == ("draft", "withdrawn", "A change of heart")
    assert Event.objects.for_subject(moved).filter(verb="story.withdrawn").count() == 1
    assert list(trail.find_chain_breaks()) == []


def test_whoever_saw_an_older_version_is_told_so_and_gets_the_fresh_one(draft: Story) -> None:
    seen = draft.version
    lifecycle.update_story_fields(draft, by=draft.teller, verb="edited", field_changes={"title": "Another"})

    with pytest.raises(StoryVersionConflict) as refused:
        lifecycle.transition_story(
            draft, StoryTransition(StoryState.WITHDRAWN), by=draft.teller, expected_version=seen
        )
    assert refused.value.story.title == "Another"


def test_publishing_and_hiding_tell_every_index(bo: User, mo: User, the_conversation: Challenge) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    assert CatalogueChange.objects.filter(story=story).count() == 1

    publishing.set_story_hidden(story, by=bo, hidden=True)
    publishing.set_story_hidden(story, by=bo, hidden=True)
    assert CatalogueChange.objects.filter(story=story).count() == 2


def test_the_database_refuses_a_published_story_without_an_approval_of_its_content(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)

    with pytest.raises(IntegrityError, match="published_story_has"), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(state=StoryState.PUBLISHED, published_at=story.created_at)


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached, fresh = {StoryState.DRAFT}, {StoryState.DRAFT}
    while fresh:
        fresh = {new for old in fresh for new in ALLOWED_TRANSITIONS[old]} - reached
        reached |= fresh

    assert reached == set(StoryState)
