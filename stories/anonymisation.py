"""Let a teller be told from others no more: hide faces and change the voice in everything that is made of a recording."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from media import video_status
from media.faces import detection
from media.models import Video
from media.playback import playlists
from stories import lifecycle, processing
from stories.drafts import BadStory, lock_for_editing
from stories.models import Story


@dataclass(frozen=True)
class AnonymisationChoice:
    """What of themselves a teller wants to have hidden."""

    hide_faces: bool
    change_voice: bool


def can_hide_faces() -> bool:
    """Whether this choice may be offered here."""
    return detection.is_face_detection_available()


def set_anonymisation(story: Story, choice: AnonymisationChoice, *, by: User, expected_version: int) -> Story:
    """Note what the teller wants to have hidden, and have a recording that is there prepared anew.

    Until that is done nobody but its teller can watch it: what they see next is what others would.

    Raises NotYours, StoryMoved, NotPossibleNow, BadStory where no faces can be hidden.
    """
    if choice.hide_faces and not detection.is_face_detection_available():
        raise BadStory(
            "hide_faces", "Faces cannot be hidden here.", "Tell your story without a picture, or as you are."
        )
    with transaction.atomic():
        fresh = lock_for_editing(story, by=by, expected_version=expected_version)
        if choice == anonymisation_choice(fresh):
            return fresh
        facts: dict[str, bool] = {"hide_faces": choice.hide_faces, "change_voice": choice.change_voice}
        if fresh.video is not None:
            processing.cancel_processing(fresh)
            video_status.reset_for_processing(
                fresh.video, hide_faces=choice.hide_faces, change_voice=choice.change_voice
            )
            facts["may_be_damaged_confirmed"] = False
        fresh = lifecycle.update_story_fields(fresh, by=by, verb="disguised", field_changes=facts)
        if fresh.video is not None:
            processing.enqueue_processing(fresh)
    return fresh


def anonymisation_choice(story: Story) -> AnonymisationChoice:
    return AnonymisationChoice(story.hide_faces, story.change_voice)


def frames_with_faces_percent(video: Video | None) -> int | None:
    """Return in how many of a hundred pictures a face was found and hidden; None where none was looked for."""
    if video is None or not video.is_playable:
        return None
    return playlists.manifest_from_json(video.master).faces_found
