"""Creates uploaded videos and records the progress of their processing."""

import uuid
from pathlib import Path

from django.utils import timezone

from accounts.models import User
from media import pipeline, storage
from media.models import Upload, Video
from media.uploads import s3_multipart


def create_uploaded_video(owner: User, recording: Path, *, sha256: str = "") -> Video:
    """Store a recording like a completed upload."""
    upload_id = uuid.uuid4()
    key = f"raw/{upload_id}/source"
    storage.put_file(recording, key=key, content_type="video/mp4")
    upload = Upload.objects.create(
        id=upload_id,
        owner=owner,
        state=Upload.State.COMPLETE,
        completed_at=timezone.now(),
        content_type="video/mp4",
        size=max(1, recording.stat().st_size),
        sha256=sha256,
        part_size=s3_multipart.MIN_PART_BYTES,
        key=key,
    )
    return Video.objects.create(owner=owner, upload=upload)


class ProgressRecorder:
    """Records progress reports; can lose its lease or be cancelled at a stage."""

    def __init__(self, *, lose_lease_at: str = "", cancel_at: str = "") -> None:
        self.reports: list[tuple[str, int]] = []
        self._lose_at, self._cancel_at = lose_lease_at, cancel_at

    def report(self, stage: str, percent: int) -> None:
        self.reports.append((stage, percent))
        if stage == self._lose_at:
            raise LeaseTakenOver

    def is_cancelled(self) -> bool:
        return bool(self.reports) and self.reports[-1][0] == self._cancel_at


class LeaseTakenOver(Exception):
    pass


def process_and_record(video: Video, recorder: ProgressRecorder | None = None) -> ProgressRecorder:
    recorder = recorder or ProgressRecorder()
    pipeline.process_video(video, report=recorder.report, is_cancelled=recorder.is_cancelled)
    return recorder
