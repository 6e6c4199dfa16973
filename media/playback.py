"""What a player gets: playlists that we write, and addresses that hold for seconds.

Nothing here asks who is watching. Whoever calls has made sure that this person may see this video now, at each
request; that is why a playlist names its pieces relative to its own address and never carries a signed one.
"""

from dataclasses import dataclass

from django.conf import settings

from media import playlists, storage, storyboard
from media.models import Video
from media.playlists import MASTER, WAVEFORM, Master, poster_name

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
POSTER = "poster.jpg"  # whichever was chosen
master_name = MASTER


class NoSuchFile(Exception):
    """No file of this name belongs to what the video is now."""

    def __init__(self, video: Video, name: str) -> None:
        super().__init__(f"video {video.pk} has no {name[:60]!r}")
        self.video = video
        self.name = name


@dataclass(frozen=True)
class Text:
    """What is written anew each time somebody asks for it."""

    words: str
    content_type: str


def is_text(name: str) -> bool:
    """Whether a file of this name would be written when asked for, and not fetched from the store."""
    return name.endswith(".m3u8") or name in {storyboard.INDEX, WAVEFORM}


def text(video: Video, name: str) -> Text:
    """Return a playlist, the places on the storyboard or the waveform; what they name is relative to them."""
    master = _master(video, name)
    match name:
        case storyboard.INDEX:
            words, content_type = master.storyboard_index(), "text/vtt; charset=utf-8"
        case playlists.WAVEFORM:
            words, content_type = master.waveform(), "application/json"
        case _:
            words, content_type = master.playlist(name), PLAYLIST_TYPE
    if words is None:
        raise NoSuchFile(video, name)
    return Text(words, content_type)


def address(video: Video, name: str, *, poster: int = 0) -> str:
    """Return a signed address of one piece or picture, good for seconds; `poster` is the chosen one."""
    master = _master(video, name)
    if name == POSTER:
        # Another recording may have fewer to choose from than the one that the choice was made for.
        name = poster_name(poster if poster < master.posters else 0)
    if not master.has(name):
        raise NoSuchFile(video, name)
    return storage.sign(video.prefix + name, seconds=settings.SIGNED_SECONDS)


def posters(video: Video) -> list[str]:
    """Return the names of the pictures that may stand for the recording before it plays."""
    if not video.is_playable:
        return []
    return [poster_name(number) for number in range(playlists.from_json(video.master).posters)]


def _master(video: Video, name: str) -> Master:
    if not video.can_be_watched:
        raise NoSuchFile(video, name)
    return playlists.from_json(video.master)
