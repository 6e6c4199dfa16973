"""Write a story down: a draft with its facts, chapters, recording and consent, all by its own teller."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.content_notes import ContentNote
from accounts.models import ConsentGrant, ConsentText, ConsentUse, User
from accounts.traits import catalogue
from audit import trail
from challenges.models import Challenge
from domain_errors.categories import FieldError, ForbiddenError
from media import video_status
from media.captions import tracks
from media.models import Captions, Video
from media.playback import delivery
from stories import lifecycle
from stories.erasure import enqueue_erasure
from stories.models import Chapter, ChapterKind, ModelKind, Outcome, Story, Strategy
from stories.processing import cancel_processing, enqueue_processing

MAX_DRAFTS_PER_TELLER = 20
MAX_CHAPTERS = 20


class BadStory(FieldError):
    pass


class NotYourStory(ForbiddenError):
    code = "not_yours"
    message = _("Only the person who tells a story can change it.")


@dataclass(frozen=True)
class ChapterDraft:
    """One chapter as the teller marks it; `start_ms` is milliseconds from the start of the recording."""

    kind: str
    start_ms: int
    text: str = ""
    barrier: str | None = None
    rung: int | None = None


@dataclass(frozen=True)
class StoryDraft:
    """The facts of a story that its teller writes; None leaves a fact as it is."""

    title: str | None = None
    summary: str | None = None
    language: str | None = None
    model_kind: str | None = None
    outcome: str | None = None
    start_rung: int | None = None
    end_rung: int | None = None
    strategies: Sequence[str] | None = None
    content_notes: Sequence[str] | None = None
    traits_then: Mapping[str, Any] | None = None
    shown_traits: Sequence[str] | None = None

    def changed_fields(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def create_draft(challenge: Challenge, draft: StoryDraft, *, by: User, made_up: bool = False) -> Story:
    """Begin a story about a challenge. Raises BadStory."""
    if Story.objects.by_teller(by).filter(state=lifecycle.S.DRAFT).count() >= MAX_DRAFTS_PER_TELLER:
        raise BadStory("challenge", "You have twenty drafts already.", "Finish or discard one of them first.")
    story = Story(teller=by, challenge=challenge, made_up=made_up)
    _apply_draft(story, draft)
    with transaction.atomic():
        story.save(force_insert=True)
        trail.record_event("story.started", story, by=by, details={"challenge": challenge.slug})
    return story


def update_draft(story: Story, draft: StoryDraft, *, by: User, expected_version: int) -> Story:
    """Change facts of one's own draft. Raises NotYours, StoryMoved, NotPossibleNow, BadStory."""
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        _apply_draft(fresh, draft)
        facts = {field: getattr(fresh, field) for field in draft.changed_fields()}
        return lifecycle.update_story_fields(fresh, by=by, verb="edited", field_changes=facts)


def set_chapters(story: Story, chapters: Sequence[ChapterDraft], *, by: User, expected_version: int) -> Story:
    """Replace the chapters. Raises NotYours, StoryMoved, NotPossibleNow, BadStory."""
    _validate_chapters(chapters)
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        _validate_chapters_fit_recording(chapters, fresh.video)
        barriers = {barrier.key: barrier for barrier in fresh.challenge.barriers.all()}
        for chapter in chapters:
            if chapter.barrier is not None and chapter.barrier not in barriers:
                raise BadStory(
                    "chapters",
                    f"This challenge has no barrier “{chapter.barrier}”.",
                    "Choose one of its own.",
                )
        fresh.chapters.all().delete()
        Chapter.objects.bulk_create(
            Chapter(
                story=fresh,
                kind=chapter.kind,
                start_ms=chapter.start_ms,
                text=chapter.text,
                barrier=barriers.get(chapter.barrier or ""),
                rung=chapter.rung,
            )
            for chapter in chapters
        )
        return lifecycle.update_story_fields(fresh, by=by, verb="chapters_marked", field_changes={})


def attach_recording(story: Story, video: Video, *, by: User, expected_version: int) -> Story:
    """Give the story its recording and start preparing it; an earlier recording is erased.

    Raises NotYours, StoryMoved, NotPossibleNow.
    """
    if video.owner_id != by.pk:
        raise NotYourStory
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        earlier = fresh.video_id
        if earlier == video.pk:
            return fresh
        if Story.objects.filter(video=video).exists():
            raise BadStory(
                "video", "This recording belongs to another story.", "Upload it again for this one."
            )
        cancel_processing(fresh)
        _apply_anonymisation(video, fresh)
        facts = {"video": video, "poster": 0, "may_be_damaged_confirmed": False}
        fresh = lifecycle.update_story_fields(fresh, by=by, verb="recording_attached", field_changes=facts)
        enqueue_processing(fresh)
        if earlier is not None:
            enqueue_erasure(earlier, owner=by)
    return fresh


def _apply_anonymisation(video: Video, story: Story) -> None:
    """Let nothing be made of a new recording that shows what the teller wanted to have hidden in the one before."""
    if (video.hide_faces, video.change_voice) != (story.hide_faces, story.change_voice):
        video_status.reset_for_processing(video, hide_faces=story.hide_faces, change_voice=story.change_voice)


def set_captions(
    story: Story,
    *,
    language: str,
    text: str,
    by: User,
    expected_version: int,
    source: Captions.Source = Captions.Source.UPLOADED,
) -> Story:
    """Give the recording captions in one language; they are part of what is reviewed, so only a draft takes them.

    Raises NotYours, StoryMoved, NotPossibleNow, BadStory without a recording, media.captions.vtt.InvalidCaptions.
    """
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        if fresh.video is None:
            raise BadStory("video", "There is no recording yet.", "Upload it first; captions belong to it.")
        tracks.save_captions(fresh.video, language=language, text=text, source=source)
        return lifecycle.update_story_fields(fresh, by=by, verb="captioned", field_changes={})


def choose_poster(story: Story, number: int, *, by: User, expected_version: int) -> Story:
    """Let one of the recording's pictures, counted from 0, stand for the story.

    Raises NotYours, StoryMoved, NotPossibleNow, BadStory.
    """
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        offered = [] if fresh.video is None else delivery.poster_names(fresh.video)
        if not 0 <= number < len(offered):
            raise BadStory(
                "poster_index",
                "There is no such picture.",
                f"Choose one of {len(offered)}." if offered else "Wait until the recording can be watched.",
            )
        return lifecycle.update_story_fields(
            fresh, by=by, verb="poster_chosen", field_changes={"poster": number}
        )


def confirm_damaged_recording(story: Story, *, by: User, expected_version: int) -> Story:
    """The teller watched a recording that may be damaged and wants it as it is."""
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        return lifecycle.update_story_fields(
            fresh, by=by, verb="damage_confirmed", field_changes={"may_be_damaged_confirmed": True}
        )


def give_consent(
    story: Story, uses: Sequence[str], *, text_version: int, by: User, expected_version: int
) -> Story:
    """Keep which uses the teller agreed to, in which words. Raises BadStory for words that no longer stand."""
    current = ConsentText.objects.current()
    if text_version != current.version:
        raise BadStory(
            "text_version", "The words of the consent have changed.", "Read them again and agree anew."
        )
    unknown = set(uses) - set(ConsentUse.values)
    if unknown or ConsentUse.MEMBERS not in uses:
        raise BadStory("uses", "A story needs your consent to be watched by members.", "Agree to “members”.")
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        grant = ConsentGrant.objects.create(person=by, text=current, uses=sorted(set(uses)))
        return lifecycle.update_story_fields(fresh, by=by, verb="consented", field_changes={"consent": grant})


def may_edit(story: Story, person: User) -> bool:
    return story.teller_id == person.pk and story.may_be_edited


def lock_for_editing(story: Story, *, by: User, expected_version: int) -> Story:
    """Return the story as it stands, locked, if this person may change it. Raises NotYours, StoryMoved, NotPossibleNow."""
    if story.teller_id != by.pk:
        raise NotYourStory
    fresh = lifecycle.lock_story(story, expected_version=expected_version)
    if not may_edit(fresh, by):
        raise lifecycle.TransitionNotAllowed(fresh, lifecycle.S.DRAFT)
    return fresh


def _apply_draft(story: Story, draft: StoryDraft) -> None:
    """Set the draft's facts on the story, checked one by one."""
    for field, value in draft.changed_fields().items():
        setattr(story, field, list(value) if field in LIST_FIELDS else value)
    if not story.title.strip():
        raise BadStory("title", "A story needs a title.", "Say in a few words what you managed.")
    for field, most in (("title", 120), ("summary", 400), ("language", 8)):
        if len(getattr(story, field)) > most:
            raise BadStory(field, f"This is longer than {most} characters.", "Make it shorter.")
    for field, choices in FIELD_CHOICES.items():
        _validate_choices(field, getattr(story, field), choices)
    _validate_rungs(story)
    story.traits_then = catalogue.validate_answers(story.traits_then, field="traits_then")
    story.shown_traits = sorted(set(story.shown_traits) & set(story.traits_then))


LIST_FIELDS = frozenset({"strategies", "content_notes", "shown_traits"})
FIELD_CHOICES: Mapping[str, Sequence[str]] = {
    "model_kind": ModelKind.values,
    "outcome": Outcome.values,
    "strategies": Strategy.values,
    "content_notes": ContentNote.values,
}


def _validate_choices(field: str, value: str | Sequence[str], choices: Sequence[str]) -> None:
    for one in [value] if isinstance(value, str) else value:
        if one not in choices:
            raise BadStory(field, f"“{one}” is not one of the choices.", f"Choose from {', '.join(choices)}.")


def _validate_rungs(story: Story) -> None:
    top = story.challenge.rungs.count()
    if not 0 <= story.start_rung <= top:
        raise BadStory("start_rung", "This ladder has no such rung.", f"Use 0 (not yet on it) to {top}.")
    if not max(1, story.start_rung) <= story.end_rung <= top:
        raise BadStory(
            "end_rung",
            "A story ends on a rung, not below its start.",
            f"Use {max(1, story.start_rung)} to {top}.",
        )


def _validate_chapters(chapters: Sequence[ChapterDraft]) -> None:
    if len(chapters) > MAX_CHAPTERS:
        raise BadStory("chapters", "There are more than twenty chapters.", "Join some of them.")
    starts = [chapter.start_ms for chapter in chapters]
    if any(later <= earlier for earlier, later in pairwise(starts)) or min(starts, default=0) < 0:
        raise BadStory(
            "chapters", "Chapters have to follow one another in time.", "Sort them by their start."
        )
    for chapter in chapters:
        _validate_choices("chapters", chapter.kind, ChapterKind.values)


def _validate_chapters_fit_recording(chapters: Sequence[ChapterDraft], video: Video | None) -> None:
    """Refuse a chapter that begins after the end, as soon as it is known where the recording ends."""
    if video is None or video.duration_ms is None or not chapters:
        return
    if chapters[-1].start_ms >= video.duration_ms:
        raise BadStory(
            "chapters",
            f"The recording ends after {video.duration_ms / 1000:.1f} s, and a chapter begins at "
            f"{chapters[-1].start_ms / 1000:.1f} s.",
            "Let every chapter begin before the end.",
        )
