"""Generates playlists and presigned URLs for players.

Callers check access to the video for every request. Playlists therefore contain relative URIs and never presigned
URLs, so that each segment request passes that check.
"""

from dataclasses import dataclass

from django.conf import settings

from media import storage
from media.models import Video
from media.playback import playlists, storyboard
from media.playback.playlists import WAVEFORM_FILE, Manifest, poster_name

PLAYLIST_CONTENT_TYPE = "application/vnd.apple.mpegurl"
CHOSEN_POSTER_NAME = "poster.jpg"  # alias of the selected poster


class NoSuchFile(Exception):
    """The current version of the video has no file of this name."""

    def __init__(self, video: Video, name: str) -> None:
        super().__init__(f"video {video.pk} has no {name[:60]!r}")
        self.video = video
        self.name = name


@dataclass(frozen=True)
class GeneratedFile:
    """Generated per request; never stored."""

    text: str
    content_type: str


def is_generated_file(name: str) -> bool:
    """Whether a file of this name is generated per request and not stored as an object."""
    return name.endswith(".m3u8") or name in {storyboard.THUMBNAIL_TRACK, WAVEFORM_FILE}


def generate_file(video: Video, name: str) -> GeneratedFile:
    """Return a playlist, the thumbnail track or the waveform. Raises NoSuchFile."""
    manifest = _manifest_for(video, name)
    match name:
        case storyboard.THUMBNAIL_TRACK:
            text, content_type = manifest.storyboard_webvtt(), "text/vtt; charset=utf-8"
        case playlists.WAVEFORM_FILE:
            text, content_type = manifest.waveform_json(), "application/json"
        case _:
            text, content_type = manifest.playlist_text(name), PLAYLIST_CONTENT_TYPE
    if text is None:
        raise NoSuchFile(video, name)
    return GeneratedFile(text, content_type)


def signed_url(video: Video, name: str, *, poster: int = 0) -> str:
    """Return a short-lived URL of a segment or image; `poster` is the number of the selected poster."""
    manifest = _manifest_for(video, name)
    if name == CHOSEN_POSTER_NAME:
        # The selection may date from an earlier recording with more posters.
        name = poster_name(poster if poster < manifest.posters else 0)
    if not manifest.has_file(name):
        raise NoSuchFile(video, name)
    return storage.presigned_url(video.prefix + name, seconds=settings.SIGNED_SECONDS)


def poster_names(video: Video) -> list[str]:
    if not video.is_playable:
        return []
    return [poster_name(number) for number in range(playlists.manifest_from_json(video.master).posters)]


def _manifest_for(video: Video, name: str) -> Manifest:
    if not video.can_be_watched:
        raise NoSuchFile(video, name)
    return playlists.manifest_from_json(video.master)
