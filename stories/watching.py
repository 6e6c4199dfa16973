"""Let somebody watch: playlists and short-lived addresses, for those allowed to see the story at that moment.

The edge finds the story through `Story.objects.visible_to` (or a reviewer's claim) at every request; nothing
here outlives the signed address it gives, so that a withdrawal needs no new playlist.
"""

from media import playback
from media.models import Captions, Video
from media.playback import Text
from stories.models import Story


class NothingToWatch(Exception):
    """The story has no recording that can be played now."""


def text(story: Story, name: str) -> Text:
    """Return a playlist, or what belongs to the pictures; entries are names relative to it."""
    return playback.text(_video(story), name)


def address(story: Story, name: str) -> str:
    """Return a signed address of one segment or picture, good for seconds."""
    return playback.address(_video(story), name, poster=story.poster)


def posters(story: Story) -> list[str]:
    """Return the names of the pictures that its teller may choose from; none before there is something to watch."""
    return [] if story.video is None else playback.posters(story.video)


def _video(story: Story) -> Video:
    if story.video is None or not story.video.can_be_watched:
        raise NothingToWatch
    return story.video


def captions(story: Story, language: str) -> Captions:
    """Return the captions in one language. Raises NothingToWatch."""
    found = None if story.video is None else story.video.captions.filter(language=language).first()
    if found is None:
        raise NothingToWatch
    return found
