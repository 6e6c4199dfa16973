"""Which version of its derivatives a video names: one that grows, its first, all of it, or none.

Each is one UPDATE, taken only by a row that is still as the attempt left it; whatever no row names is removed.
"""

from typing import Any

from django.utils import timezone

from media import storage
from media.encoding.renditions import ContentVersion
from media.models import Splitting, Video

UNFINISHED_STATUSES = (Video.Status.STORED, Video.Status.PROCESSING)
STAGE_DONE = "done"  # the stage behind all others

MAY_BE_DAMAGED = (
    "Parts of this recording seem to be damaged or missing. Please watch it through: "
    "you can keep it as it is, or upload it again."
)


class StaleVideo(Exception):
    """The video was erased, or published by another attempt, while this one was at work."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def outputs_prefix(video: Video) -> str:
    """Return what all versions of a video's derivatives begin with; the part after it cannot be guessed."""
    return f"out/{video.pk}/"


def publish_preview(video: Video, version: ContentVersion, *, prefix: str) -> None:
    """Point the video at what can be watched of it, be it growing or the smallest size, while the rest is made.

    Raises VideoMovedOn.
    """
    _set_content_version(video, version, prefix=prefix, status=Video.Status.PROCESSING, reason="")


def withdraw_preview(video: Video) -> None:
    """Show nothing of the version that was growing: it will not come to its end.

    Raises VideoMovedOn.
    """
    if video.prefix:
        _update_if_unchanged(video, prefix="", content_hash="", master={})
        storage.delete_prefix(outputs_prefix(video))


def publish_version(video: Video, version: ContentVersion, *, prefix: str, is_intact: bool) -> None:
    """Point the video at derivatives that are all in the bucket, in one UPDATE, and drop the version before.

    Raises
    ------
    VideoMovedOn
        The video is no longer as this attempt found it; its derivatives are removed again.
    """
    status = Video.Status.READY if is_intact else Video.Status.DAMAGED
    done = {"stage": STAGE_DONE, "percent": 100}
    _set_content_version(
        video, version, prefix=prefix, status=status, reason="" if is_intact else MAY_BE_DAMAGED, **done
    )


def _set_content_version(video: Video, version: ContentVersion, *, prefix: str, **facts: Any) -> None:
    """Let the row name these derivatives, if it still is as this attempt left it."""
    master = version.manifest
    largest = master.video_renditions[0] if master.video_renditions else None
    try:
        _update_if_unchanged(
            video,
            kind=Video.Kind.VIDEO if largest else Video.Kind.AUDIO,
            duration_ms=None if master.growing else max(1, round(master.seconds * 1000)),
            width=largest.width if largest else None,
            height=largest.height if largest else None,
            has_sound=master.audio_rendition is not None,
            content_hash=version.content_hash,
            prefix=prefix,
            master=master.as_json(),
            **facts,
        )
    except StaleVideo:
        storage.delete_prefix(prefix)
        raise
    storage.delete_prefix(outputs_prefix(video), keep=prefix)


def _update_if_unchanged(video: Video, *, prefix: str, content_hash: str, **facts: Any) -> None:
    as_left = Video.objects.filter(
        pk=video.pk, prefix=video.prefix, content_hash=video.content_hash, status=Video.Status.PROCESSING
    )
    if not as_left.update(prefix=prefix, content_hash=content_hash, updated_at=timezone.now(), **facts):
        raise StaleVideo(video)
    video.prefix, video.content_hash = prefix, content_hash


def reset_for_processing(video: Video, *, hide_faces: bool, change_voice: bool) -> None:
    """Let a recording be prepared anew in this disguise; from now on nothing of the version before can be watched."""
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


def mark_unplayable(video: Video, reason: str) -> None:
    """Write down that this recording cannot be played, and why; one that was prepared stays as it is.

    What could be watched of it while it was being prepared can be no more.
    """
    Splitting.objects.filter(video=video).delete()
    Video.objects.filter(pk=video.pk, status__in=UNFINISHED_STATUSES).update(
        status=Video.Status.UNPLAYABLE,
        reason=reason,
        prefix="",
        content_hash="",
        master={},
        stage=STAGE_DONE,
        percent=100,
        updated_at=timezone.now(),
    )
    video.refresh_from_db()
