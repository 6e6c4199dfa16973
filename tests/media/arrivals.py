"""Recordings that have arrived in the bucket, and somebody who listens while they are prepared."""

import uuid
from pathlib import Path

from django.utils import timezone

from accounts.models import User
from media import multiparts, processing, storage
from media.models import Upload, Video


def arrived(owner: User, film: Path, *, sha256: str = "") -> Video:
    """Put a film where a completed upload leaves it."""
    upload_id = uuid.uuid4()
    key = f"raw/{upload_id}/source"
    storage.store(film, key=key, content_type="video/mp4")
    upload = Upload.objects.create(
        id=upload_id,
        owner=owner,
        state=Upload.State.COMPLETE,
        completed_at=timezone.now(),
        content_type="video/mp4",
        size=max(1, film.stat().st_size),
        sha256=sha256,
        part_size=multiparts.SMALLEST_PART,
        key=key,
    )
    return Video.objects.create(owner=owner, upload=upload)


class Listener:
    """Hears the progress as a job would, and may lose its lease or its purpose at a stage."""

    def __init__(self, *, lose_at: str = "", cancel_at: str = "") -> None:
        self.heard: list[tuple[str, int]] = []
        self._lose_at, self._cancel_at = lose_at, cancel_at

    def report(self, stage: str, percent: int) -> None:
        self.heard.append((stage, percent))
        if stage == self._lose_at:
            raise LeaseTaken

    def cancelled(self) -> bool:
        return bool(self.heard) and self.heard[-1][0] == self._cancel_at


class LeaseTaken(Exception):
    pass


def process(video: Video, listener: Listener | None = None) -> Listener:
    listener = listener or Listener()
    processing.process(video, report=listener.report, cancelled=listener.cancelled)
    return listener
