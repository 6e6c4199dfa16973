"""Submits, publishes, declines, hides, withdraws and removes stories."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ConsentUse, User
from domain_errors.categories import ConflictError, FieldProblem
from media.models import Video
from stories import captioning, lifecycle
from stories.content_hash import compute_content_hash
from stories.drafts import NotYourStory
from stories.erasure import enqueue_erasure
from stories.lifecycle import LockedStory, StoryTransition
from stories.models import Story, StoryState
from stories.processing import (
    advance_submitted_story,
    cancel_processing,
    enqueue_processing,
)


class NotReadyToSubmit(ConflictError):
    """`missing` lists everything that the story still needs."""

    code = "not_ready"

    def __init__(self, story: Story, missing: list[FieldProblem]) -> None:
        super().__init__(" ".join(map(str, missing)), subject=story, problems=missing)
        self.story, self.missing = story, missing


class ContentChanged(ConflictError):
    """The reviewed content is not the current content; `story` is freshly loaded."""

    code = "content_changed"
    message = _("The story has changed since you saw it.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


def missing_requirements(story: Story) -> list[FieldProblem]:
    """Return everything that the story needs before it can be submitted; the page and the API show the same list."""
    requirements = _missing_recording_requirements(story) + _missing_caption_requirements(story)
    if story.consent is None or not story.consent.covers([ConsentUse.MEMBERS]):
        problem = gettext("You have not given your consent.")
        requirements.append(FieldProblem("consent", problem, gettext("Read the text and agree.")))
    if not story.chapters.exists():
        problem = gettext("No chapter is marked.")
        fix = gettext("Mark at least where the story starts.")
        requirements.append(FieldProblem("chapters", problem, fix))
    return requirements


def _missing_recording_requirements(story: Story) -> list[FieldProblem]:
    if story.video is None:
        problem = gettext("There is no recording yet.")
        return [FieldProblem("video", problem, gettext("Upload one."))]
    if story.video.status == Video.Status.UNPLAYABLE:
        fix = gettext("Upload another recording.")
        return [FieldProblem("video", story.video.translated_reason, fix)]
    if story.video.status == Video.Status.DAMAGED and not story.may_be_damaged_confirmed:
        problem = gettext("The recording may be damaged.")
        fix = gettext("Watch it, then confirm it or upload another one.")
        return [FieldProblem("video", problem, fix)]
    return []


def _missing_caption_requirements(story: Story) -> list[FieldProblem]:
    if captioning.has_automatic_captions(story):
        problem = gettext("The captions were generated automatically and may contain mistakes.")
        fix = gettext("Read them, correct them, and save them.")
        return [FieldProblem("captions", problem, fix)]
    if story.video is None or story.language in story.video.caption_languages:
        return []
    if story.video.is_playable and not story.video.has_sound:
        return []
    problem = gettext("There are no captions in the language of the story.")
    fix = gettext("Add captions, so that people who cannot hear can follow the story.")
    return [FieldProblem("captions", problem, fix)]


def may_submit(story: Story, person: User) -> bool:
    return (
        story.teller_id == person.pk
        and lifecycle.may_transition(story, StoryState.PREPARING)
        and not missing_requirements(story)
    )


@transaction.atomic
def submit_story(story: Story, *, by: User, expected_version: int) -> Story:
    """Submit a story for review; it enters review when its recording is ready.

    Raises NotYourStory, StoryVersionConflict, NotReadyToSubmit, TransitionNotAllowed.
    """
    if story.teller_id != by.pk:
        raise NotYourStory
    locked = lifecycle.lock_story(story, expected_version=expected_version)
    requirements = missing_requirements(locked)
    if requirements and lifecycle.may_transition(locked, StoryState.PREPARING):
        raise NotReadyToSubmit(locked, requirements)
    transition = StoryTransition(StoryState.PREPARING, field_changes={"submitted_at": Now()})
    submitted = lifecycle.transition_locked(locked, transition, by=by)
    submitted.refresh_from_db()
    if submitted.video is not None and submitted.video.status == Video.Status.STORED:
        enqueue_processing(submitted)
    return advance_submitted_story(submitted)


@transaction.atomic
def publish_story(story: Story, *, by: User, expected_version: int, content_hash: str) -> Story:
    """Open an approved story to members. Raises StoryVersionConflict, ContentChanged, TransitionNotAllowed."""
    return publish_locked(
        lifecycle.lock_story(story, expected_version=expected_version), by=by, content_hash=content_hash
    )


def publish_locked(story: LockedStory, *, by: User, content_hash: str) -> LockedStory:
    """Open an approved story to members. Raises ContentChanged, TransitionNotAllowed."""
    if content_hash != story.content_hash or compute_content_hash(story) != story.content_hash:
        raise ContentChanged(story)
    field_changes = {"approved_hash": content_hash, "published_at": Now()}
    return lifecycle.transition_locked(
        story, StoryTransition(StoryState.PUBLISHED, field_changes=field_changes), by=by
    )


def request_changes(story: LockedStory, *, by: User, reason: str) -> LockedStory:
    """Return a story to its teller with a reason. Raises TransitionNotAllowed."""
    return lifecycle.transition_locked(story, StoryTransition(StoryState.CHANGES_REQUESTED, reason), by=by)


def decline_story(story: LockedStory, *, by: User, reason: str) -> LockedStory:
    """Raises TransitionNotAllowed."""
    return lifecycle.transition_locked(story, StoryTransition(StoryState.DECLINED, reason), by=by)


def reopen_story(story: Story, *, by: User, expected_version: int, reason: str) -> Story:
    """Return a declined story to review after an appeal. Raises StoryVersionConflict, TransitionNotAllowed."""
    return lifecycle.transition_story(
        story, StoryTransition(StoryState.IN_REVIEW, reason), by=by, expected_version=expected_version
    )


@transaction.atomic
def withdraw_story(story: Story, *, by: User) -> Story:
    """Withdraw a story permanently: it is hidden in this transaction, and a job erases its recording.

    Idempotent. Raises NotYourStory, and TransitionNotAllowed for a story that moderators removed.
    """
    if story.teller_id != by.pk:
        raise NotYourStory
    locked = lifecycle.lock_story(story)
    if locked.state == StoryState.WITHDRAWN:
        return locked
    video = locked.video
    if locked.consent is not None:
        locked.consent.withdrawn_at = Now()
        locked.consent.save(update_fields=["withdrawn_at"])
    cancel_processing(locked)
    withdrawn = lifecycle.transition_locked(
        locked, StoryTransition(StoryState.WITHDRAWN, field_changes={"video": None}), by=by
    )
    if video is not None:
        enqueue_erasure(video.pk, owner=by)
    return withdrawn


def remove_story(story: Story, *, by: User, expected_version: int, reason: str) -> Story:
    """Remove a published story; its recording is kept for an appeal, but cannot be watched."""
    return lifecycle.transition_story(
        story, StoryTransition(StoryState.REMOVED, reason), by=by, expected_version=expected_version
    )


def set_story_hidden(story: Story, *, by: User, hidden: bool) -> Story:
    """Hide a story from members, or show it again. Raises NotYourStory."""
    if story.teller_id != by.pk:
        raise NotYourStory
    return lifecycle.update_story_fields(
        story, by=by, verb="hidden" if hidden else "shown", field_changes={"hidden": hidden}
    )


def set_story_held(story: Story, *, by: User, held: bool) -> Story:
    """Put a published story on hold until a moderator has checked it, or release it; independent of `hidden`."""
    return lifecycle.update_story_fields(
        story, by=by, verb="held" if held else "released", field_changes={"held": held}
    )
