"""Edits a draft: its facts, chapters, recording, captions and consent. Only its teller may do so."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ConsentGrant, ConsentText, ConsentUse, User
from audit import trail
from challenges.models import Challenge
from domain_errors.categories import ForbiddenError
from media import video_status
from media.captions import tracks
from media.models import Captions, Video
from media.playback import delivery
from stories import draft_validation, lifecycle
from stories.draft_validation import ChapterDraft, InvalidStory, StoryDraft
from stories.erasure import enqueue_erasure
from stories.models import Chapter, Story, StoryState
from stories.processing import cancel_processing, enqueue_processing

MAX_DRAFTS_PER_TELLER = 20


class NotYourStory(ForbiddenError):
    code = "not_yours"
    message = _("Only the person who tells a story can change it.")


def create_draft(challenge: Challenge, draft: StoryDraft, *, by: User, made_up: bool = False) -> Story:
    """Start a story about a challenge. Raises InvalidStory."""
    if Story.objects.by_teller(by).filter(state=StoryState.DRAFT).count() >= MAX_DRAFTS_PER_TELLER:
        problem = gettext("You already have %(limit)s drafts.") % {"limit": MAX_DRAFTS_PER_TELLER}
        raise InvalidStory("challenge", problem, gettext("Finish or discard one of them first."))
    story = Story(teller=by, challenge=challenge, made_up=made_up)
    draft_validation.apply_draft(story, draft)
    with transaction.atomic():
        story.save(force_insert=True)
        trail.record_event("story.started", story, by=by, details={"challenge": challenge.slug})
    return story


def update_draft(story: Story, draft: StoryDraft, *, by: User, expected_version: int) -> Story:
    """Change facts of a draft. Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, InvalidStory."""
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        draft_validation.apply_draft(locked, draft)
        field_changes = {field: getattr(locked, field) for field in draft.changed_fields()}
        return lifecycle.update_story_fields(locked, by=by, verb="edited", field_changes=field_changes)


def set_chapters(story: Story, chapters: Sequence[ChapterDraft], *, by: User, expected_version: int) -> Story:
    """Replace the chapters. Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, InvalidStory."""
    draft_validation.validate_chapters(chapters)
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        draft_validation.validate_chapters_fit_recording(chapters, locked.video)
        barriers = {barrier.key: barrier for barrier in locked.challenge.barriers.all()}
        draft_validation.validate_barriers(chapters, list(barriers))
        locked.chapters.all().delete()
        Chapter.objects.bulk_create(
            Chapter(
                story=locked,
                kind=chapter.kind,
                start_ms=chapter.start_ms,
                text=chapter.text,
                barrier=barriers.get(chapter.barrier or ""),
                rung=chapter.rung,
            )
            for chapter in chapters
        )
        return lifecycle.update_story_fields(locked, by=by, verb="chapters_marked", field_changes={})


def attach_recording(story: Story, video: Video, *, by: User, expected_version: int) -> Story:
    """Attach a recording and enqueue its processing; the previous recording is erased.

    Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, InvalidStory.
    """
    if video.owner_id != by.pk:
        raise NotYourStory
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        previous_video_id = locked.video_id
        if previous_video_id == video.pk:
            return locked
        if Story.objects.filter(video=video).exists():
            problem = gettext("This recording belongs to another story.")
            raise InvalidStory("video", problem, gettext("Upload it again for this story."))
        cancel_processing(locked)
        _apply_anonymisation(video, locked)
        field_changes = {"video": video, "poster": 0, "may_be_damaged_confirmed": False}
        locked = lifecycle.update_story_fields(
            locked, by=by, verb="recording_attached", field_changes=field_changes
        )
        enqueue_processing(locked)
        if previous_video_id is not None:
            enqueue_erasure(previous_video_id, owner=by)
    return locked


def _apply_anonymisation(video: Video, story: Story) -> None:
    """Process the new recording with the teller's choice of hidden faces and changed voice."""
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
    """Store captions of the recording in one language, on drafts only, because reviewers approve captions too.

    Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, InvalidStory without a recording, and
    media.captions.vtt.InvalidCaptions.
    """
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        if locked.video is None:
            raise InvalidStory(
                "video",
                gettext("There is no recording yet."),
                gettext("Upload the recording first, then its captions."),
            )
        tracks.save_captions(locked.video, language=language, text=text, source=source)
        return lifecycle.update_story_fields(locked, by=by, verb="captioned", field_changes={})


def choose_poster(story: Story, number: int, *, by: User, expected_version: int) -> Story:
    """Choose one of the recording's pictures (zero-based) as the story's poster.

    Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, InvalidStory.
    """
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        posters = [] if locked.video is None else delivery.poster_names(locked.video)
        if not 0 <= number < len(posters):
            fix = (
                gettext("Choose a picture from 0 to %(last)s.") % {"last": len(posters) - 1}
                if posters
                else gettext("Wait until the recording can be watched.")
            )
            raise InvalidStory("poster_index", gettext("There is no such picture."), fix)
        return lifecycle.update_story_fields(
            locked, by=by, verb="poster_chosen", field_changes={"poster": number}
        )


def confirm_damaged_recording(story: Story, *, by: User, expected_version: int) -> Story:
    """Record that the teller watched a recording that may be damaged and accepts it."""
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        return lifecycle.update_story_fields(
            locked, by=by, verb="damage_confirmed", field_changes={"may_be_damaged_confirmed": True}
        )


def give_consent(
    story: Story, uses: Sequence[str], *, text_version: int, by: User, expected_version: int
) -> Story:
    """Store the uses that the teller agreed to and the version of the text. Raises InvalidStory for an old version."""
    current_text = ConsentText.objects.current()
    if text_version != current_text.version:
        problem = gettext("The consent text has changed.")
        raise InvalidStory("text_version", problem, gettext("Read it and agree again."))
    unknown_uses = set(uses) - set(ConsentUse.values)
    if unknown_uses or ConsentUse.MEMBERS not in uses:
        problem = gettext("Members can only watch a story if you agree to it.")
        raise InvalidStory("uses", problem, gettext("Agree to “members”."))
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        grant = ConsentGrant.objects.create(person=by, text=current_text, uses=sorted(set(uses)))
        return lifecycle.update_story_fields(
            locked, by=by, verb="consented", field_changes={"consent": grant}
        )


def may_edit(story: Story, person: User) -> bool:
    return story.teller_id == person.pk and story.may_be_edited


def lock_for_editing(story: Story, *, by: User, expected_version: int) -> Story:
    """Return the current story, locked.

    Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed.
    """
    if story.teller_id != by.pk:
        raise NotYourStory
    locked = lifecycle.lock_story(story, expected_version=expected_version)
    if not may_edit(locked, by):
        raise lifecycle.TransitionNotAllowed(locked, StoryState.DRAFT)
    return locked
