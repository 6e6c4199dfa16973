"""Let a teller be told from others no more: hide faces and change the voice in everything that is made of a recording."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from media import faces, playlists, versions
from media.models import Video
from stories import lifecycle, preparation
from stories.models import Story
from stories.telling import BadStory, open_for_editing


@dataclass(frozen=True)
class Wish:
    """What of themselves a teller wants to have hidden."""

    faces: bool
    voice: bool


def faces_can_be_hidden() -> bool:
    """Whether this choice may be offered here."""
    return faces.can_be_hidden()


def disguise(story: Story, wish: Wish, *, by: User, seen: int) -> Story:
    """Note what the teller wants to have hidden, and have a recording that is there prepared anew.

    Until that is done nobody but its teller can watch it: what they see next is what others would.

    Raises NotYours, StoryMoved, NotPossibleNow, BadStory where no faces can be hidden.
    """
    if wish.faces and not faces.can_be_hidden():
        raise BadStory(
            "hide_faces", "Faces cannot be hidden here.", "Tell your story without a picture, or as you are."
        )
    with transaction.atomic():
        fresh = open_for_editing(story, by=by, seen=seen)
        if wish == wish_of(fresh):
            return fresh
        facts: dict[str, bool] = {"hide_faces": wish.faces, "change_voice": wish.voice}
        if fresh.video is not None:
            preparation.call_off(fresh)
            versions.start_over(fresh.video, hide_faces=wish.faces, change_voice=wish.voice)
            facts["may_be_damaged_confirmed"] = False
        fresh = lifecycle.set_facts(fresh, by=by, verb="disguised", facts=facts)
        if fresh.video is not None:
            preparation.order(fresh)
    return fresh


def wish_of(story: Story) -> Wish:
    return Wish(story.hide_faces, story.change_voice)


def faces_found(video: Video | None) -> int | None:
    """Return in how many of a hundred pictures a face was found and hidden; None where none was looked for."""
    if video is None or not video.is_playable:
        return None
    return playlists.from_json(video.master).faces_found
