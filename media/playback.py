"""What a player gets: playlists that we write, and addresses that hold for a minute at most.

Nothing here asks who is watching. Whoever calls has made sure that this person may see this video now, at each
request; that is why a playlist names its pieces relative to its own address and never carries a signed one.
"""

from django.conf import settings

from media import playlists, storage
from media.models import Video
from media.playlists import MASTER, Master

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
poster_name = playlists.POSTER
master_name = MASTER


class NoSuchFile(Exception):
    """No file of this name belongs to what the video is now."""

    def __init__(self, video: Video, name: str) -> None:
        super().__init__(f"video {video.pk} has no {name[:60]!r}")
        self.video = video
        self.name = name


def playlist(video: Video, name: str) -> str:
    """Return the text of `master.m3u8` or of one rendition's playlist, as HLS that names its pieces relatively."""
    text = _master(video, name).playlist(name)
    if text is None:
        raise NoSuchFile(video, name)
    return text


def address(video: Video, name: str) -> str:
    """Return a signed address of one piece or of the poster, good for at most a minute."""
    if not _master(video, name).has(name):
        raise NoSuchFile(video, name)
    return storage.sign(video.prefix + name, seconds=settings.SIGNED_SECONDS)


def _master(video: Video, name: str) -> Master:
    if not video.is_playable:
        raise NoSuchFile(video, name)
    return playlists.from_json(video.master)
