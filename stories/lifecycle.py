"""The state machine of stories: the allowed transitions, and the only functions that change a story's state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from audit import trail
from domain_errors.categories import ConflictError
from stories.models import CatalogueChange, Story, StoryEvent, StoryState

ALLOWED_TRANSITIONS: Mapping[StoryState, frozenset[StoryState]] = {
    StoryState.DRAFT: frozenset({StoryState.PREPARING, StoryState.WITHDRAWN}),
    StoryState.PREPARING: frozenset(
        {StoryState.IN_REVIEW, StoryState.CHANGES_REQUESTED, StoryState.WITHDRAWN}
    ),
    StoryState.IN_REVIEW: frozenset(
        {StoryState.PUBLISHED, StoryState.CHANGES_REQUESTED, StoryState.DECLINED, StoryState.WITHDRAWN}
    ),
    StoryState.CHANGES_REQUESTED: frozenset({StoryState.PREPARING, StoryState.WITHDRAWN}),
    StoryState.PUBLISHED: frozenset({StoryState.WITHDRAWN, StoryState.REMOVED}),
    StoryState.DECLINED: frozenset({StoryState.WITHDRAWN, StoryState.IN_REVIEW}),
    StoryState.WITHDRAWN: frozenset(),
    StoryState.REMOVED: frozenset(),
}


# A story whose row is locked (SELECT ... FOR UPDATE), so that functions that take one do not lock it again.
LockedStory = NewType("LockedStory", Story)


class StoryVersionConflict(ConflictError):
    """The expected version is not the current one; `story` is freshly loaded."""

    code = "story_moved"

    def __init__(self, story: Story, expected_version: int) -> None:
        super().__init__(
            gettext(
                "The story has changed: you saw version %(expected)d, and it is now at version %(current)d."
            )
            % {"current": story.version, "expected": expected_version},
            subject=story,
        )
        self.story = story


class TransitionNotAllowed(ConflictError):
    """The state of the story does not allow this transition; `story` is freshly loaded."""

    code = "not_possible_now"

    def __init__(self, story: Story, to_state: str) -> None:
        super().__init__(
            gettext("A story in the state “%(current)s” cannot change to “%(target)s”.")
            % {"current": story.state_label, "target": StoryState(to_state).label},
            subject=story,
        )
        self.story = story


@dataclass(frozen=True)
class StoryTransition:
    """A transition to another state, and the fields that change with it."""

    to_state: StoryState
    reason: str = ""
    field_changes: Mapping[str, Any] | None = None


def may_transition(story: Story, to: StoryState) -> bool:
    return to in ALLOWED_TRANSITIONS[StoryState(story.state)]


def lock_story(story: Story, *, expected_version: int | None = None) -> LockedStory:
    """Return the current story, locked until the transaction ends. Raises StoryVersionConflict."""
    locked = Story.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if expected_version is not None and locked.version != expected_version:
        raise StoryVersionConflict(locked, expected_version)
    return LockedStory(locked)


@transaction.atomic
def transition_story(
    story: Story, transition: StoryTransition, *, by: User | None, expected_version: int | None = None
) -> Story:
    """Lock a story and make one transition. Raises StoryVersionConflict, TransitionNotAllowed."""
    return transition_locked(lock_story(story, expected_version=expected_version), transition, by=by)


def transition_locked(story: LockedStory, transition: StoryTransition, *, by: User | None) -> LockedStory:
    """Make and record one allowed transition; `by` is None for automatic ones. Raises TransitionNotAllowed."""
    if not may_transition(story, transition.to_state):
        raise TransitionNotAllowed(story, transition.to_state)
    was_open, old_state = story.open_to_members, story.state
    for field, value in (transition.field_changes or {}).items():
        setattr(story, field, value)
    story.state = transition.to_state
    story.version += 1
    story.save()
    StoryEvent.objects.create(
        story=story, old=old_state, new=story.state, by=by, reason=transition.reason, version=story.version
    )
    trail.record_event(
        f"story.{transition.to_state.value}",
        story,
        by=by or trail.MACHINE,
        details={"old": old_state, "version": story.version, "content_hash": story.content_hash},
    )
    record_catalogue_change(story, was_open=was_open)
    return story


@transaction.atomic
def update_story_fields(
    story: Story,
    *,
    by: User,
    verb: str,
    field_changes: Mapping[str, Any],
    expected_version: int | None = None,
) -> Story:
    """Lock a story and change fields other than its state. Raises StoryVersionConflict."""
    locked = lock_story(story, expected_version=expected_version)
    was_open = locked.open_to_members
    for field, value in field_changes.items():
        setattr(locked, field, value)
    locked.version += 1
    locked.save()
    trail.record_event(
        f"story.{verb}", locked, by=by, details={"version": locked.version, "fields": sorted(field_changes)}
    )
    record_catalogue_change(locked, was_open=was_open)
    return locked


def record_catalogue_change(story: Story, *, was_open: bool) -> None:
    """Record a change of the set of open stories, from which every process updates its index."""
    if story.open_to_members != was_open:
        CatalogueChange.objects.create(story=story)


def mermaid_state_diagram() -> str:
    """Return the allowed transitions as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {StoryState.DRAFT.value}"]
    for old in StoryState:
        lines += [f"    {old.value} --> {new.value}" for new in StoryState if new in ALLOWED_TRANSITIONS[old]]
        if not ALLOWED_TRANSITIONS[old]:
            lines.append(f"    {old.value} --> [*]")
    return "\n".join(lines) + "\n"
