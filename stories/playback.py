"""Let somebody watch: playlists and short-lived addresses, for those allowed to see the story at that moment.

The edge finds the story through `Story.objects.visible_to` (or a reviewer's claim) at every request; nothing
here outlives the signed address it gives, so that a withdrawal needs no new playlist.
"""

from domain_errors.categories import NotFoundError
from media.models import Captions, Video
from media.playback import delivery
from media.playback.delivery import GeneratedFile
from stories.models import Story


class NoPlayableRecording(NotFoundError):
    pass


def playback_text(story: Story, name: str) -> GeneratedFile:
    """Return a playlist, or what belongs to the pictures; entries are names relative to it."""
    return delivery.generate_file(_playable_video(story), name)


def signed_url(story: Story, name: str) -> str:
    """Return a signed address of one segment or picture, good for seconds."""
    return delivery.signed_url(_playable_video(story), name, poster=story.poster)


def poster_names(story: Story) -> list[str]:
    """Return the names of the pictures that its teller may choose from; none before there is something to watch."""
    return [] if story.video is None else delivery.poster_names(story.video)


def _playable_video(story: Story) -> Video:
    if story.video is None or not story.video.can_be_watched:
        raise NoPlayableRecording
    return story.video


def captions_in_language(story: Story, language: str) -> Captions:
    """Return the captions in one language. Raises NothingToWatch."""
    found = None if story.video is None else story.video.captions.filter(language=language).first()
    if found is None:
        raise NoPlayableRecording
    return found
