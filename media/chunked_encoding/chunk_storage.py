"""Object storage of encoded chunks until they are joined: `work/<video>/<chunk>/<attempt>/`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from media import storage
from media.models import Video
from media.playback.playlists import Rendition, rendition_from_json

WORK_PREFIX = "work/"


@dataclass(frozen=True)
class EncodedChunk:
    """Stored files of a chunk: SHA-256 by name, with segment numbers that start at zero."""

    prefix: str
    renditions: tuple[Rendition, ...]
    files: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def encoded_chunk_from_json(stored: Mapping[str, Any]) -> EncodedChunk:
    renditions = tuple(rendition_from_json(rendition) for rendition in stored["renditions"])
    return EncodedChunk(stored["prefix"], renditions, stored["files"])


def work_prefix(video: Video) -> str:
    return f"{WORK_PREFIX}{video.pk}/"


def delete_abandoned_chunks() -> int:
    """Delete the chunks of recordings that are no longer being processed; returns the number of recordings."""
    stored_ids = {key.split("/")[1] for key in storage.list_keys(WORK_PREFIX)}
    processing = Video.objects.filter(pk__in=stored_ids, status=Video.Status.PROCESSING)
    abandoned_ids = stored_ids - {str(pk) for pk in processing.values_list("pk", flat=True)}
    for pk in abandoned_ids:
        storage.delete_prefix(f"{WORK_PREFIX}{pk}/")
    return len(abandoned_ids)
