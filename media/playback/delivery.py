"""What a player gets: playlists that we write, and addresses that hold for seconds.

Nothing here asks who is watching. Whoever calls has made sure that this person may see this video now, at each
request; that is why a playlist names its pieces relative to its own address and never carries a signed one.
"""

from dataclasses import dataclass

from django.conf import settings

from media import storage
from media.models import Video
from media.playback import playlists, storyboard
from media.playback.playlists import MASTER_PLAYLIST, WAVEFORM_FILE, Manifest, poster_name

PLAYLIST_CONTENT_TYPE = "application/vnd.apple.mpegurl"
CHOSEN_POSTER_NAME = "poster.jpg"  # whichever was chosen
MASTER_PLAYLIST_NAME = MASTER_PLAYLIST


class NoSuchFile(Exception):
    """No file of this name belongs to what the video is now."""

    def __init__(self, video: Video, name: str) -> None:
        super().__init__(f"video {video.pk} has no {name[:60]!r}")
        self.video = video
        self.name = name


@dataclass(frozen=True)
class GeneratedFile:
    """What is written anew each time somebody asks for it."""

    text: str
    content_type: str


def is_generated_file(name: str) -> bool:
    """Whether a file of this name would be written when asked for, and not fetched from the store."""
    return name.endswith(".m3u8") or name in {storyboard.THUMBNAIL_TRACK, WAVEFORM_FILE}


def generate_file(video: Video, name: str) -> GeneratedFile:
    """Return a playlist, the places on the storyboard or the waveform; what they name is relative to them."""
    master = _manifest_for(video, name)
    match name:
        case storyboard.THUMBNAIL_TRACK:
            words, content_type = master.storyboard_webvtt(), "text/vtt; charset=utf-8"
        case playlists.WAVEFORM_FILE:
            words, content_type = master.waveform_json(), "application/json"
        case _:
            words, content_type = master.playlist_text(name), PLAYLIST_CONTENT_TYPE
    if words is None:
        raise NoSuchFile(video, name)
    return GeneratedFile(words, content_type)


def signed_url(video: Video, name: str, *, poster: int = 0) -> str:
    """Return a signed address of one piece or picture, good for seconds; `poster` is the chosen one."""
    master = _manifest_for(video, name)
    if name == CHOSEN_POSTER_NAME:
        # Another recording may have fewer to choose from than the one that the choice was made for.
        name = poster_name(poster if poster < master.posters else 0)
    if not master.has_file(name):
        raise NoSuchFile(video, name)
    return storage.presigned_url(video.prefix + name, seconds=settings.SIGNED_SECONDS)


def poster_names(video: Video) -> list[str]:
    """Return the names of the pictures that may stand for the recording before it plays."""
    if not video.is_playable:
        return []
    return [poster_name(number) for number in range(playlists.manifest_from_json(video.master).posters)]


def _manifest_for(video: Video, name: str) -> Manifest:
    if not video.can_be_watched:
        raise NoSuchFile(video, name)
    return playlists.manifest_from_json(video.master)
