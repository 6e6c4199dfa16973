"""The one door through which a story's state changes, and the table of moves that it allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """Where a story is to go; `facts` are fields that change with the state."""

    to_state: StoryState
    reason: str = ""
    field_changes: Mapping[str, Any] | None = None


def may_transition(story: Story, to: StoryState) -> bool:
    return to in ALLOWED_TRANSITIONS[StoryState(story.state)]


def lock_story(story: Story, *, expected_version: int | None = None) -> Story:
    """Return the story as it stands, locked until the transaction ends. Raises StoryMoved."""
    fresh = Story.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if expected_version is not None and fresh.version != expected_version:
        raise StoryVersionConflict(fresh, expected_version)
    return fresh


@transaction.atomic
def transition_story(
    story: Story, transition: StoryTransition, *, by: User | None, expected_version: int | None = None
) -> Story:
    """Make one move: checks it against the table and the version seen, and writes what happened.

    `by` is None when the machine itself moves a story on. Raises StoryMoved, NotPossibleNow.
    """
    fresh = lock_story(story, expected_version=expected_version)
    if not may_transition(fresh, transition.to_state):
        raise TransitionNotAllowed(fresh, transition.to_state)
    was_open, old = fresh.open_to_members, fresh.state
    for field, value in (transition.field_changes or {}).items():
        setattr(fresh, field, value)
    fresh.state = transition.to_state
    fresh.version += 1
    fresh.save()
    StoryEvent.objects.create(
        story=fresh, old=old, new=fresh.state, by=by, reason=transition.reason, version=fresh.version
    )
    trail.record_event(
        f"story.{transition.to_state.value}",
        fresh,
        by=by or "machine",
        details={"old": old, "version": fresh.version, "content_hash": fresh.content_hash},
    )
    record_catalogue_change(fresh, was_open=was_open)
    return fresh


def update_story_fields(
    story: Story,
    *,
    by: User,
    verb: str,
    field_changes: Mapping[str, Any],
    expected_version: int | None = None,
) -> Story:
    """Change facts that are not the state (hidden, held, a draft's content), under the same lock and version."""
    with transaction.atomic():
        fresh = lock_story(story, expected_version=expected_version)
        was_open = fresh.open_to_members
        for field, value in field_changes.items():
            setattr(fresh, field, value)
        fresh.version += 1
        fresh.save()
        trail.record_event(
            f"story.{verb}", fresh, by=by, details={"version": fresh.version, "fields": sorted(field_changes)}
        )
        record_catalogue_change(fresh, was_open=was_open)
    return fresh


def record_catalogue_change(story: Story, *, was_open: bool) -> None:
    """Tell every process's index that a story entered or left the set open to members."""
    if story.open_to_members != was_open:
        CatalogueChange.objects.create(story=story)


def mermaid_state_diagram() -> str:
    """Return the table of moves as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.DRAFT.value}"]
    for old in StoryState:
        lines += [f"    {old.value} --> {new.value}" for new in StoryState if new in ALLOWED_TRANSITIONS[old]]
        if not ALLOWED_TRANSITIONS[old]:
            lines.append(f"    {old.value} --> [*]")
    return "\n".join(lines) + "\n"
