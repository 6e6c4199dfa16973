"""Hides faces and changes the voice in every rendition of a recording, if its teller wants that."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from media import video_status
from media.faces import detection
from media.models import Video
from media.playback import playlists
from stories import lifecycle, processing
from stories.draft_validation import InvalidStory
from stories.drafts import lock_for_editing
from stories.models import Story


@dataclass(frozen=True)
class AnonymisationChoice:
    hide_faces: bool
    change_voice: bool


def can_hide_faces() -> bool:
    return detection.is_face_detection_available()


def set_anonymisation(story: Story, choice: AnonymisationChoice, *, by: User, expected_version: int) -> Story:
    """Store the teller's choice and process an existing recording again.

    The old renditions are not shown in the meantime.

    Raises NotYourStory, StoryVersionConflict, TransitionNotAllowed, and InvalidStory if faces cannot be hidden.
    """
    if choice.hide_faces and not can_hide_faces():
        raise InvalidStory(
            "hide_faces",
            gettext("We cannot hide faces at the moment."),
            gettext("Record only your voice, or show your face."),
        )
    with transaction.atomic():
        locked = lock_for_editing(story, by=by, expected_version=expected_version)
        if choice == anonymisation_choice(locked):
            return locked
        field_changes: dict[str, bool] = {
            "hide_faces": choice.hide_faces,
            "change_voice": choice.change_voice,
        }
        if locked.video is not None:
            processing.cancel_processing(locked)
            video_status.reset_for_processing(
                locked.video, hide_faces=choice.hide_faces, change_voice=choice.change_voice
            )
            field_changes["may_be_damaged_confirmed"] = False
        locked = lifecycle.update_story_fields(locked, by=by, verb="disguised", field_changes=field_changes)
        if locked.video is not None:
            processing.enqueue_processing(locked)
    return locked


def anonymisation_choice(story: Story) -> AnonymisationChoice:
    return AnonymisationChoice(story.hide_faces, story.change_voice)


def frames_with_faces_percent(video: Video | None) -> int | None:
    """Return the percentage of frames in which a face was hidden; None if faces were not hidden."""
    if video is None or not video.is_playable:
        return None
    return playlists.manifest_from_json(video.master).faces_found
