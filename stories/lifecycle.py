"""The state machine of a story: the allowed transitions, and the only functions that change a story's state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from audit import trail
from domain_errors.categories import ConflictError
from stories.models import CatalogueChange, Story, StoryEvent, StoryState

S = StoryState
ALLOWED_TRANSITIONS: Mapping[StoryState, frozenset[StoryState]] = {
    S.DRAFT: frozenset({S.PREPARING, S.WITHDRAWN}),
    S.PREPARING: frozenset({S.IN_REVIEW, S.CHANGES_REQUESTED, S.WITHDRAWN}),
    S.IN_REVIEW: frozenset({S.PUBLISHED, S.CHANGES_REQUESTED, S.DECLINED, S.WITHDRAWN}),
    S.CHANGES_REQUESTED: frozenset({S.PREPARING, S.WITHDRAWN}),
    S.PUBLISHED: frozenset({S.WITHDRAWN, S.REMOVED}),
    S.DECLINED: frozenset({S.WITHDRAWN, S.IN_REVIEW}),
    S.WITHDRAWN: frozenset(),
    S.REMOVED: frozenset(),
}


# A story whose row this transaction holds FOR UPDATE, so that functions that take one need not lock it again.
LockedStory = NewType("LockedStory", Story)


class StoryVersionConflict(ConflictError):
    """The expected version is not the current one; `story` is freshly loaded."""

    code = "story_moved"

    def __init__(self, story: Story, seen: int) -> None:
        super().__init__(
            gettext("The story is now at version %(current)d; you saw version %(expected)d.")
            % {"current": story.version, "expected": seen},
            subject=story,
        )
        self.story = story


class TransitionNotAllowed(ConflictError):
    """`story` is freshly loaded."""

    code = "not_possible_now"

    def __init__(self, story: Story, wanted: str) -> None:
        super().__init__(
            gettext("A story that is “%(current)s” cannot become “%(target)s”.")
            % {"current": story.state_label, "target": StoryState(wanted).label},
            subject=story,
        )
        self.story = story


@dataclass(frozen=True)
class StoryTransition:
    """A transition to another state; `facts` are the fields that change with it."""

    to_state: StoryState
    reason: str = ""
    field_changes: Mapping[str, Any] | None = None


def may_transition(story: Story, to: StoryState) -> bool:
    return to in ALLOWED_TRANSITIONS[StoryState(story.state)]


def lock_story(story: Story, *, expected_version: int | None = None) -> LockedStory:
    """Return the current story, locked until the transaction ends. Raises StoryMoved."""
    locked = Story.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if expected_version is not None and locked.version != expected_version:
        raise StoryVersionConflict(locked, expected_version)
    return LockedStory(locked)


@transaction.atomic
def transition_story(
    story: Story, transition: StoryTransition, *, by: User | None, expected_version: int | None = None
) -> Story:
    """Lock a story and make one move. Raises StoryMoved, NotPossibleNow."""
    return transition_locked(lock_story(story, expected_version=expected_version), transition, by=by)


def transition_locked(story: LockedStory, move: StoryTransition, *, by: User | None) -> LockedStory:
    """Make one move that the table allows, and record it.

    `by` is None when the machine itself moves a story on. Raises NotPossibleNow.
    """
    if not may_transition(story, move.to_state):
        raise TransitionNotAllowed(story, move.to_state)
    was_open, old = story.open_to_members, story.state
    for field, value in (move.field_changes or {}).items():
        setattr(story, field, value)
    story.state = move.to_state
    story.version += 1
    story.save()
    StoryEvent.objects.create(
        story=story, old=old, new=story.state, by=by, reason=move.reason, version=story.version
    )
    trail.record_event(
        f"story.{move.to_state.value}",
        story,
        by=by or trail.MACHINE,
        details={"old": old, "version": story.version, "content_hash": story.content_hash},
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
    """Lock a story and change fields other than its state (hidden, held, a draft's content). Raises StoryMoved."""
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
    """Add a catalogue change when a story enters or leaves the set open to members; every process's index reads them."""
    if story.open_to_members != was_open:
        CatalogueChange.objects.create(story=story)


def mermaid_state_diagram() -> str:
    """Return the transition table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.DRAFT.value}"]
    for old in StoryState:
        lines += [f"    {old.value} --> {new.value}" for new in StoryState if new in ALLOWED_TRANSITIONS[old]]
        if not ALLOWED_TRANSITIONS[old]:
            lines.append(f"    {old.value} --> [*]")
    return "\n".join(lines) + "\n"
