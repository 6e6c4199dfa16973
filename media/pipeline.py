"""Processes an uploaded recording: fetch, validate, publish the first version, encode higher renditions, publish.

Higher renditions of long recordings are encoded in chunks by several workers, see `media.chunked_encoding`.

An attempt can be interrupted at any point and repeated. Each attempt stores its files under a prefix of its own, and a
video refers to a version only when all of its files are stored. The next attempt deletes what an interrupted one left.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media import storage, video_status
from media.chunked_encoding import split
from media.encoding.outputs import EncoderOutput, OutputFile
from media.encoding.renditions import EncodedVideo, encode_higher_renditions, encoded_first_version
from media.encoding.runner import ignore_progress
from media.models import Video
from media.playback.playlists import Manifest
from media.probing.facts import UnplayableRecording
from media.probing.validation import AnonymisationSettings, ValidatedRecording, validate_recording
from media.sandbox import RunCancelled
from media.scratch import check_free_disk_space, scratch_folder, version_prefix
from media.storage import StoreUnreachable
from media.video_status import UNFINISHED_STATUSES, StaleVideo, outputs_prefix

ReportProgress = Callable[[str, int], None]  # stage, percent

FETCHING, CHECKING, ENCODING, STORING = "fetching", "checking", "encoding", "storing"
# Start and end percentage of each stage, by the time it typically takes.
STAGE_PERCENT_RANGES = {FETCHING: (0, 1), CHECKING: (1, 22), ENCODING: (22, 90), STORING: (90, 99)}
REPORT_INTERVAL_SECONDS = 1.0
PARALLEL_TRANSFERS = 8

CHECKSUM_MISMATCH = _(
    "The file was damaged on its way to us: it is not the same as the file on your device. Please upload it again."
)


class ProcessingCancelled(Exception):
    """Processing was cancelled; all files of the attempt have been deleted."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def process_video(video: Video, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> None:
    """Process a stored video; afterwards it is ready, damaged or unplayable, or split into chunks.

    Does nothing for a processed video, so a job may run twice. `report` raises if this attempt has lost its lease;
    `is_cancelled` is polled about twice per second.

    Raises
    ------
    ProcessingCancelled, media.video_status.StaleVideo
    Exception
        Whatever `report` raises, and failures worth a retry: `StoreUnreachable`, `SandboxUnavailable`,
        `ProgramKilled`, `NotEnoughDiskSpace`, `DiskFull`.
    """
    video.refresh_from_db()
    if video.status not in UNFINISHED_STATUSES:
        return
    Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, updated_at=timezone.now())
    storage.delete_prefix(outputs_prefix(video), keep=video.prefix)
    with version_prefix(video, outputs_prefix(video)) as prefix, scratch_folder(video.pk) as folder:
        _ProcessingAttempt(video, folder, prefix, report, is_cancelled).run()
    video.refresh_from_db()


@dataclass(frozen=True)
class _ProgressReport:
    time: float  # of the monotonic clock
    stage: str
    fraction: float


class _ProcessingAttempt:
    """One attempt at processing a video, with a local folder and a storage prefix of its own."""

    def __init__(
        self,
        video: Video,
        folder: Path,
        prefix: str,
        report: ReportProgress,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._video = video
        self._folder = folder
        self._prefix = prefix
        self._report = report
        self._is_cancelled = is_cancelled
        self._last_report = _ProgressReport(-1.0, "", 0.0)
        self._source_sha256 = ""
        self._stored_files: set[OutputFile] = set()

    def run(self) -> None:
        try:
            recording = self._fetch_and_validate()
            encoded_video = self._encode(recording)
            if encoded_video is None:
                return
            self._report_progress(STORING, 1.0, now=True)
            self._raise_if_cancelled()
            video_status.publish_version(
                self._video,
                encoded_video.content_version,
                prefix=self._prefix,
                is_intact=recording.is_intact,
            )
        except UnplayableRecording as error:
            self._report_progress(CHECKING, 1.0, now=True)
            video_status.mark_unplayable(self._video, error.reason)
            storage.delete_prefix(outputs_prefix(self._video))
        except RunCancelled:
            # The row is left alone: if the lease was lost, it belongs to another attempt by now.
            raise ProcessingCancelled(self._video) from None

    def _fetch_and_validate(self) -> ValidatedRecording:
        source, out = self._folder / "source", self._folder / "first"
        out.mkdir()
        self._report_progress(FETCHING, 0.0, now=True)
        check_free_disk_space(self._video)
        upload = self._video.upload
        self._source_sha256 = storage.download_object(upload.key, to=source)
        if upload.sha256 and upload.sha256 != self._source_sha256:
            raise UnplayableRecording(CHECKSUM_MISMATCH)
        self._report_progress(CHECKING, 0.0, now=True)
        return validate_recording(
            source,
            out=out,
            is_cancelled=self._is_cancelled,
            on_progress=lambda fraction: self._report_progress(CHECKING, fraction),
            anonymisation=AnonymisationSettings(
                face_mask_path=self._folder / "faces" if self._video.hide_faces else None,
                change_voice=self._video.change_voice,
            ),
            observer=self,
        )

    def show_preview(self, output: EncoderOutput, *, max_segment_seconds: int) -> None:
        """Publish the segments encoded so far; skipped while the object store is unreachable."""
        manifest = Manifest(output.renditions, posters=0, growing=max_segment_seconds)
        preview = EncodedVideo(manifest, output.files)
        with suppress(StoreUnreachable):
            self._store_files(output.files)
            self._repeat_last_report()
            video_status.publish_preview(self._video, preview.content_version, prefix=self._prefix)

    def discard_preview(self) -> None:
        self._repeat_last_report()
        video_status.withdraw_preview(self._video)
        self._stored_files.clear()

    def _encode(self, recording: ValidatedRecording) -> EncodedVideo | None:
        """Publish the first version and encode the higher renditions; None if they are encoded in chunks."""
        first_version = encoded_first_version(recording)
        self._store_files(first_version.files)
        self._report_progress(CHECKING, 1.0, now=True)
        video_status.publish_preview(self._video, first_version.content_version, prefix=self._prefix)
        self._report_progress(ENCODING, 0.0, now=True)
        if split.should_split(self._video, recording):
            self._split_into_chunks(recording, first_version)
            return None
        out = self._folder / "rest"
        out.mkdir()
        encoded_video = encode_higher_renditions(
            self._folder / "source",
            recording,
            out=out,
            is_cancelled=self._is_cancelled,
            on_progress=lambda fraction: self._report_progress(ENCODING, fraction),
        )
        self._report_progress(STORING, 0.0, now=True)
        self._store_files(
            encoded_video.files, on_progress=lambda fraction: self._report_progress(STORING, fraction)
        )
        return encoded_video

    def _split_into_chunks(self, recording: ValidatedRecording, first_version: EncodedVideo) -> None:
        try:
            split.split_into_chunks(
                self._video, recording, first_version, prefix=self._prefix, sha256=self._source_sha256
            )
        except split.FirstVersionReplaced:
            raise StaleVideo(self._video) from None

    def _store_files(
        self, files: Sequence[OutputFile], *, on_progress: Callable[[float], None] = ignore_progress
    ) -> None:
        """Upload the files that are not stored yet; `on_progress` receives the completed fraction (0 to 1)."""

        def put_file(file: OutputFile) -> None:
            storage.put_file(file.path, key=self._prefix + file.name, content_type=file.content_type)

        missing = [file for file in files if file not in self._stored_files]
        with ThreadPoolExecutor(PARALLEL_TRANSFERS) as pool:
            try:
                for done, _result in enumerate(pool.map(put_file, missing), start=1):
                    on_progress(done / len(missing))
                    self._raise_if_cancelled()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        self._stored_files.update(missing)

    def _raise_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise ProcessingCancelled(self._video)

    def _repeat_last_report(self) -> None:
        """Report again, which raises if this attempt has lost its lease."""
        self._report_progress(self._last_report.stage, self._last_report.fraction, now=True)

    def _report_progress(self, stage: str, fraction: float, *, now: bool = False) -> None:
        """Report at most once per second within a stage: each report writes to the database."""
        last = self._last_report
        if not now and stage == last.stage and time.monotonic() - last.time < REPORT_INTERVAL_SECONDS:
            return
        self._last_report = _ProgressReport(time.monotonic(), stage, fraction)
        start, end = STAGE_PERCENT_RANGES[stage]
        percent = round(start + (end - start) * max(0.0, min(1.0, fraction)))
        self._report(stage, percent)
        Video.objects.filter(pk=self._video.pk).update(
            stage=stage, percent=percent, updated_at=timezone.now()
        )
