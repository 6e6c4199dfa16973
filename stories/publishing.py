"""Send a story on its way and call it back: submit, publish, ask for changes, decline, hide, withdraw, remove."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import ConsentUse, User
from media.models import Video
from stories import captioning, lifecycle
from stories.fingerprint import fingerprint
from stories.lifecycle import Move
from stories.models import Story, StoryState
from stories.preparation import advance, call_off, order
from stories.telling import NotYours, order_erasure


@dataclass(frozen=True)
class Missing:
    """One thing a story still needs before it can be sent for review."""

    field: str
    problem: str
    fix: str


class NotReadyToSubmit(Exception):
    """The story lacks something; `missing` lists everything at once."""

    def __init__(self, story: Story, missing: list[Missing]) -> None:
        super().__init__(" ".join(f"{one.problem} {one.fix}" for one in missing))
        self.story, self.missing = story, missing


class ContentChanged(Exception):
    """What was decided about is not what stands; `story` is the fresh one."""

    def __init__(self, story: Story) -> None:
        super().__init__("The story's content has changed since you saw it.")
        self.story = story


def missing(story: Story) -> list[Missing]:
    """Return what the story still needs before it can be submitted, for the button and for the refusal."""
    found: list[Missing] = []
    if story.video is None:
        found.append(Missing("video", "There is no recording yet.", "Upload one."))
    elif story.video.status == Video.Status.UNPLAYABLE:
        found.append(Missing("video", story.video.reason, "Upload another recording."))
    elif story.video.status == Video.Status.DAMAGED and not story.may_be_damaged_confirmed:
        found.append(
            Missing("video", "The recording may be damaged.", "Watch it, then confirm it or upload another.")
        )
    found += _missing_captions(story)
    if story.consent is None or not story.consent.covers([ConsentUse.MEMBERS]):
        found.append(Missing("consent", "You have not given your consent.", "Read it and agree."))
    if not story.chapters.exists():
        found.append(Missing("chapters", "No chapter is marked.", "Mark at least where the story starts."))
    return found


def _missing_captions(story: Story) -> list[Missing]:
    """Return what keeps those who cannot hear from the story."""
    if captioning.unread(story):
        problem = "A machine wrote the captions down, and it mishears."
        return [Missing("captions", problem, "Read them once, correct them, and save them.")]
    if story.video is None or story.language in story.video.caption_languages:
        return []
    if story.video.is_playable and not story.video.has_sound:
        return []
    problem = "There are no captions in the language of the story."
    return [Missing("captions", problem, "Add them, so that people who cannot hear can take part.")]


def may_submit(story: Story, person: User) -> bool:
    return (
        story.teller_id == person.pk
        and lifecycle.may_move(story, StoryState.PREPARING)
        and not missing(story)
    )


@transaction.atomic
def submit(story: Story, *, by: User, seen: int) -> Story:
    """Send one's story for review; it goes on by itself once its recording is ready.

    Raises NotYours, StoryMoved, NotReadyToSubmit, NotPossibleNow.
    """
    if story.teller_id != by.pk:
        raise NotYours
    fresh = lifecycle.lock(story, seen=seen)
    lacking = missing(fresh)
    if lacking and lifecycle.may_move(fresh, StoryState.PREPARING):
        raise NotReadyToSubmit(fresh, lacking)
    fresh = lifecycle.transition(fresh, Move(StoryState.PREPARING, facts={"submitted_at": Now()}), by=by)
    fresh.refresh_from_db()
    if fresh.video is not None and fresh.video.status == Video.Status.STORED:
        order(fresh)
    return advance(fresh)


@transaction.atomic
def publish(story: Story, *, by: User, seen: int, content_hash: str) -> Story:
    """Open an approved story to members. Raises StoryMoved, ContentChanged, NotPossibleNow."""
    fresh = lifecycle.lock(story, seen=seen)
    if content_hash != fresh.content_hash or fingerprint(fresh) != fresh.content_hash:
        raise ContentChanged(fresh)
    facts = {"approved_hash": content_hash, "published_at": Now()}
    return lifecycle.transition(fresh, Move(StoryState.PUBLISHED, facts=facts), by=by)


def ask_for_changes(story: Story, *, by: User, seen: int, reason: str) -> Story:
    """Give a story back to its teller with what to fix."""
    return lifecycle.transition(story, Move(StoryState.CHANGES_REQUESTED, reason), by=by, seen=seen)


def decline(story: Story, *, by: User, seen: int, reason: str) -> Story:
    return lifecycle.transition(story, Move(StoryState.DECLINED, reason), by=by, seen=seen)


def reopen(story: Story, *, by: User, seen: int, reason: str) -> Story:
    """Bring a declined story back into review, as an appeal does."""
    return lifecycle.transition(story, Move(StoryState.IN_REVIEW, reason), by=by, seen=seen)


@transaction.atomic
def withdraw(story: Story, *, by: User) -> Story:
    """Take one's own story back, at any time and for good: hidden in this transaction, its bytes erased after.

    Asking again is harmless. Raises NotYours, NotPossibleNow for a story the moderators removed.
    """
    if story.teller_id != by.pk:
        raise NotYours
    fresh = lifecycle.lock(story)
    if fresh.state == StoryState.WITHDRAWN:
        return fresh
    video = fresh.video
    if fresh.consent is not None:
        fresh.consent.withdrawn_at = Now()
        fresh.consent.save(update_fields=["withdrawn_at"])
    call_off(fresh)
    fresh = lifecycle.transition(fresh, Move(StoryState.WITHDRAWN, facts={"video": None}), by=by)
    if video is not None:
        order_erasure(video.pk, whose=by)
    return fresh


def remove(story: Story, *, by: User, seen: int, reason: str) -> Story:
    """Take a published story away, as moderators may; its bytes stay for an appeal but nobody is shown them."""
    return lifecycle.transition(story, Move(StoryState.REMOVED, reason), by=by, seen=seen)


def hide(story: Story, *, by: User, hidden: bool) -> Story:
    """Hide one's own story from members, or show it again."""
    if story.teller_id != by.pk:
        raise NotYours
    return lifecycle.set_facts(story, by=by, verb="hidden" if hidden else "shown", facts={"hidden": hidden})


def hold(story: Story, *, by: User, held: bool) -> Story:
    """Hold a published story until somebody has looked at it, or release it; the moderators' own fact."""
    return lifecycle.set_facts(story, by=by, verb="held" if held else "released", facts={"held": held})
