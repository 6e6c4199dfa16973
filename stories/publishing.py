"""What people do with a story as a whole: submit, publish, request changes, decline, hide, withdraw, remove."""

from django.db import transaction
from django.db.models.functions import Now
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
from stories.processing import advance_submitted_story, cancel_processing, enqueue_processing


class NotReadyToSubmit(ConflictError):
    """`missing` lists everything that the story still needs."""

    code = "not_ready"

    def __init__(self, story: Story, missing: list[FieldProblem]) -> None:
        super().__init__(" ".join(map(str, missing)), subject=story, problems=missing)
        self.story, self.missing = story, missing


class ContentChanged(ConflictError):
    """The reviewed content is not the current content; `story` is freshly loaded."""

    code = "content_changed"
    message = _("The content of the story has changed since you saw it.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


def missing_requirements(story: Story) -> list[FieldProblem]:
    """Return what the story still needs before it can be submitted, for the button and for the refusal."""
    found: list[FieldProblem] = []
    if story.video is None:
        found.append(FieldProblem("video", "There is no recording yet.", "Upload one."))
    elif story.video.status == Video.Status.UNPLAYABLE:
        found.append(FieldProblem("video", story.video.translated_reason, "Upload another recording."))
    elif story.video.status == Video.Status.DAMAGED and not story.may_be_damaged_confirmed:
        found.append(
            FieldProblem(
                "video", "The recording may be damaged.", "Watch it, then confirm it or upload another."
            )
        )
    found += _missing_caption_requirements(story)
    if story.consent is None or not story.consent.covers([ConsentUse.MEMBERS]):
        found.append(FieldProblem("consent", "You have not given your consent.", "Read it and agree."))
    if not story.chapters.exists():
        found.append(
            FieldProblem("chapters", "No chapter is marked.", "Mark at least where the story starts.")
        )
    return found


def _missing_caption_requirements(story: Story) -> list[FieldProblem]:
    """Return what keeps those who cannot hear from the story."""
    if captioning.has_automatic_captions(story):
        problem = "A machine wrote the captions down, and it mishears."
        return [FieldProblem("captions", problem, "Read them once, correct them, and save them.")]
    if story.video is None or story.language in story.video.caption_languages:
        return []
    if story.video.is_playable and not story.video.has_sound:
        return []
    problem = "There are no captions in the language of the story."
    return [FieldProblem("captions", problem, "Add them, so that people who cannot hear can take part.")]


def may_submit(story: Story, person: User) -> bool:
    return (
        story.teller_id == person.pk
        and lifecycle.may_transition(story, StoryState.PREPARING)
        and not missing_requirements(story)
    )


@transaction.atomic
def submit_story(story: Story, *, by: User, expected_version: int) -> Story:
    """Send one's story for review; it enters review once its recording is ready.

    Raises NotYours, StoryMoved, NotReadyToSubmit, NotPossibleNow.
    """
    if story.teller_id != by.pk:
        raise NotYourStory
    locked = lifecycle.lock_story(story, expected_version=expected_version)
    lacking = missing_requirements(locked)
    if lacking and lifecycle.may_transition(locked, StoryState.PREPARING):
        raise NotReadyToSubmit(locked, lacking)
    move = StoryTransition(StoryState.PREPARING, field_changes={"submitted_at": Now()})
    submitted = lifecycle.transition_locked(locked, move, by=by)
    submitted.refresh_from_db()
    if submitted.video is not None and submitted.video.status == Video.Status.STORED:
        enqueue_processing(submitted)
    return advance_submitted_story(submitted)


@transaction.atomic
def publish_story(story: Story, *, by: User, expected_version: int, content_hash: str) -> Story:
    """Open an approved story to members. Raises StoryMoved, ContentChanged, NotPossibleNow."""
    return publish_locked(
        lifecycle.lock_story(story, expected_version=expected_version), by=by, content_hash=content_hash
    )


def publish_locked(story: LockedStory, *, by: User, content_hash: str) -> LockedStory:
    """Open an approved story to members. Raises ContentChanged, NotPossibleNow."""
    if content_hash != story.content_hash or compute_content_hash(story) != story.content_hash:
        raise ContentChanged(story)
    facts = {"approved_hash": content_hash, "published_at": Now()}
    return lifecycle.transition_locked(
        story, StoryTransition(StoryState.PUBLISHED, field_changes=facts), by=by
    )


def request_changes(story: LockedStory, *, by: User, reason: str) -> LockedStory:
    """Return a story to its teller with what to change. Raises NotPossibleNow."""
    return lifecycle.transition_locked(story, StoryTransition(StoryState.CHANGES_REQUESTED, reason), by=by)


def decline_story(story: LockedStory, *, by: User, reason: str) -> LockedStory:
    """Raises NotPossibleNow."""
    return lifecycle.transition_locked(story, StoryTransition(StoryState.DECLINED, reason), by=by)


def reopen_story(story: Story, *, by: User, expected_version: int, reason: str) -> Story:
    """Return a declined story to review after an appeal. Raises StoryMoved, NotPossibleNow."""
    return lifecycle.transition_story(
        story, StoryTransition(StoryState.IN_REVIEW, reason), by=by, expected_version=expected_version
    )


@transaction.atomic
def withdraw_story(story: Story, *, by: User) -> Story:
    """Withdraw one's own story at any time and for good: hidden in this transaction, its bytes erased afterwards.

    Idempotent. Raises NotYours, and NotPossibleNow for a story that moderators removed.
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
    """Remove a published story; its bytes are kept for an appeal, but nobody can watch them."""
    return lifecycle.transition_story(
        story, StoryTransition(StoryState.REMOVED, reason), by=by, expected_version=expected_version
    )


def set_story_hidden(story: Story, *, by: User, hidden: bool) -> Story:
    """Hide one's own story from members, or show it again. Raises NotYours."""
    if story.teller_id != by.pk:
        raise NotYourStory
    return lifecycle.update_story_fields(
        story, by=by, verb="hidden" if hidden else "shown", field_changes={"hidden": hidden}
    )


def set_story_held(story: Story, *, by: User, held: bool) -> Story:
    """Hide a published story until a moderator has checked it, or show it again; independent of `hide`."""
    return lifecycle.update_story_fields(
        story, by=by, verb="held" if held else "released", field_changes={"held": held}
    )
