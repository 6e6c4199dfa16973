"""Playlists and short-lived signed URLs of a story's recording.

Callers check access with `Story.objects.visible_to` (or a reviewer's claim) at every request. Signed URLs expire after
seconds, so a withdrawal takes effect without new playlists.
"""

from domain_errors.categories import NotFoundError
from media.models import Captions, Video
from media.playback import delivery
from media.playback.delivery import GeneratedFile
from stories.models import Story


class NoPlayableRecording(NotFoundError):
    pass


def playback_text(story: Story, name: str) -> GeneratedFile:
    """Return a playlist or the storyboard text; its entries are relative names."""
    return delivery.generate_file(_playable_video(story), name)


def signed_url(story: Story, name: str) -> str:
    """Return a signed URL of one segment or picture, that expires within seconds."""
    return delivery.signed_url(_playable_video(story), name, poster=story.poster)


def poster_names(story: Story) -> list[str]:
    """Return the names of the pictures that the teller may choose from; empty until the recording can be watched."""
    return [] if story.video is None else delivery.poster_names(story.video)


def _playable_video(story: Story) -> Video:
    if story.video is None or not story.video.can_be_watched:
        raise NoPlayableRecording
    return story.video


def captions_in_language(story: Story, language: str) -> Captions:
    """Return the captions in one language. Raises NoPlayableRecording."""
    captions = None if story.video is None else story.video.captions.filter(language=language).first()
    if captions is None:
        raise NoPlayableRecording
    return captions
