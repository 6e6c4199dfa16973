import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges.models import Challenge
from stories import lifecycle
from stories.lifecycle import StoryTransition, StoryVersionConflict, TransitionNotAllowed
from stories.models import Story, StoryEvent, StoryState
from tests.story_factories import create_complete_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def test_a_field_change_from_an_outdated_version_is_refused_and_changes_nothing(draft: Story) -> None:
    version = draft.version
    lifecycle.update_story_fields(draft, by=draft.teller, verb="edited", field_changes={"title": "Another"})

    with pytest.raises(StoryVersionConflict) as error:
        lifecycle.update_story_fields(
            draft,
            by=draft.teller,
            verb="edited",
            field_changes={"title": "A third"},
            expected_version=version,
        )
    current = error.value.story
    assert (current.title, error.value.subject) == ("Another", current)
    assert str(error.value) == (
        f"The story has changed: you saw version {version}, and it is now at version {version + 1}."
    )
    assert Story.objects.get(pk=draft.pk).title == "Another"


def test_a_change_from_the_current_version_is_accepted(draft: Story) -> None:
    version = draft.version
    changed = lifecycle.update_story_fields(
        draft, by=draft.teller, verb="edited", field_changes={"title": "Another"}, expected_version=version
    )
    withdrawn = lifecycle.transition_story(
        changed, StoryTransition(StoryState.WITHDRAWN), by=draft.teller, expected_version=version + 1
    )

    assert (withdrawn.title, withdrawn.version) == ("Another", version + 2)


def test_a_refused_transition_names_both_states(draft: Story) -> None:
    with pytest.raises(TransitionNotAllowed) as error:
        lifecycle.transition_story(draft, StoryTransition(StoryState.PUBLISHED), by=None)

    assert error.value.subject == draft
    assert str(error.value) == "A story in the state “Draft” cannot change to “Published”."


def test_transitions_and_field_changes_lock_the_row_of_the_story_only(draft: Story) -> None:
    with CaptureQueriesContext(connection) as queries:
        lifecycle.update_story_fields(
            draft, by=draft.teller, verb="edited", field_changes={"title": "Another"}
        )
        lifecycle.transition_story(draft, StoryTransition(StoryState.WITHDRAWN), by=draft.teller)

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert len(locks) == 2
    assert all(sql.endswith('FOR UPDATE OF "stories_story"') for sql in locks)


def test_the_codes_of_conflicts_stay_the_same_because_clients_rely_on_them() -> None:
    assert StoryVersionConflict.code == "story_moved"
    assert TransitionNotAllowed.code == "not_possible_now"


def test_a_transition_whose_event_cannot_be_stored_changes_nothing(draft: Story) -> None:
    max_length = StoryEvent._meta.get_field("reason").max_length
    assert max_length is not None

    with pytest.raises(DataError):
        lifecycle.transition_story(
            draft, StoryTransition(StoryState.WITHDRAWN, "x" * (max_length + 1)), by=draft.teller
        )

    stored = Story.objects.get(pk=draft.pk)
    assert (stored.state, stored.version) == ("draft", draft.version)


def test_a_field_change_whose_audit_event_cannot_be_stored_changes_nothing(draft: Story) -> None:
    with pytest.raises(DataError):
        lifecycle.update_story_fields(
            draft, by=draft.teller, verb="x" * 100, field_changes={"title": "Another"}
        )

    stored = Story.objects.get(pk=draft.pk)
    assert (stored.title, stored.version) == (draft.title, draft.version)
