"""Updates a video's status and the version it refers to: a preview, the first version, the complete version, or none.

Each change is one UPDATE that only succeeds if the row has not changed since this attempt last wrote it. Files that no
row refers to are deleted.
"""

from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from media import storage
from media.encoding.renditions import ContentVersion
from media.models import Splitting, Video

UNFINISHED_STATUSES = (Video.Status.STORED, Video.Status.PROCESSING)
STAGE_DONE = "done"

MAY_BE_DAMAGED = _(
    "Parts of this recording may be damaged or missing. Please watch it all the way through. "
    "You can keep it as it is, or upload it again."
)


class StaleVideo(Exception):
    """The video was erased or published by another attempt in the meantime."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def outputs_prefix(video: Video) -> str:
    """Storage prefix of all versions of a video; each version adds an unguessable token."""
    return f"out/{video.pk}/"


def publish_preview(video: Video, version: ContentVersion, *, prefix: str) -> None:
    """Show an incomplete version while processing continues. Raises StaleVideo."""
    _set_content_version(video, version, prefix=prefix, status=Video.Status.PROCESSING, reason="")


def withdraw_preview(video: Video) -> None:
    """Hide an incomplete version that will not be completed. Raises StaleVideo."""
    if video.prefix:
        _update_if_unchanged(video, prefix="", content_hash="", master={})
        storage.delete_prefix(outputs_prefix(video))


def publish_version(video: Video, version: ContentVersion, *, prefix: str, is_intact: bool) -> None:
    """Publish a complete, stored version and delete the previous one.

    Raises
    ------
    StaleVideo
        The new version has been deleted again.
    """
    _set_content_version(
        video,
        version,
        prefix=prefix,
        status=Video.Status.READY if is_intact else Video.Status.DAMAGED,
        reason="" if is_intact else str(MAY_BE_DAMAGED),
        stage=STAGE_DONE,
        percent=100,
    )


def _set_content_version(video: Video, version: ContentVersion, *, prefix: str, **fields: Any) -> None:
    manifest = version.manifest
    largest = manifest.video_renditions[0] if manifest.video_renditions else None
    try:
        _update_if_unchanged(
            video,
            kind=Video.Kind.VIDEO if largest else Video.Kind.AUDIO,
            duration_ms=None if manifest.growing else max(1, round(manifest.seconds * 1000)),
            width=largest.width if largest else None,
            height=largest.height if largest else None,
            has_sound=manifest.audio_rendition is not None,
            content_hash=version.content_hash,
            prefix=prefix,
            master=manifest.as_json(),
            **fields,
        )
    except StaleVideo:
        storage.delete_prefix(prefix)
        raise
    storage.delete_prefix(outputs_prefix(video), keep=prefix)


def _update_if_unchanged(video: Video, *, prefix: str, content_hash: str, **fields: Any) -> None:
    unchanged = Video.objects.filter(
        pk=video.pk, prefix=video.prefix, content_hash=video.content_hash, status=Video.Status.PROCESSING
    )
    if not unchanged.update(prefix=prefix, content_hash=content_hash, updated_at=timezone.now(), **fields):
        raise StaleVideo(video)
    video.prefix, video.content_hash = prefix, content_hash


def reset_for_processing(video: Video, *, hide_faces: bool, change_voice: bool) -> None:
    """Prepare for processing with new anonymisation settings; the current version can no longer be watched."""
    Splitting.objects.filter(video=video).delete()
    Video.objects.filter(pk=video.pk).update(
        status=Video.Status.STORED,
        hide_faces=hide_faces,
        change_voice=change_voice,
        reason="",
        prefix="",
        content_hash="",
        master={},
        stage="",
        percent=0,
        updated_at=timezone.now(),
    )
    video.refresh_from_db()


def mark_unplayable(video: Video, reason: str | Promise) -> None:
    """Save why the recording cannot be played and withdraw its preview; no effect on a processed video."""
    Splitting.objects.filter(video=video).delete()
    Video.objects.filter(pk=video.pk, status__in=UNFINISHED_STATUSES).update(
        status=Video.Status.UNPLAYABLE,
        reason=str(reason),
        prefix="",
        content_hash="",
        master={},
        stage=STAGE_DONE,
        percent=100,
        updated_at=timezone.now(),
    )
    video.refresh_from_db()
