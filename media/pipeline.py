"""From what was uploaded to what can be watched: fetch, check and show what there is by then, make the other sizes, publish.

What is long has its larger sizes made elsewhere, in parts: see `media.chunked_encoding.encode`.

`process` may be stopped anywhere and begun again. Each attempt writes under a token of its own, and a video points at
derivatives only when all that it is told of are in the bucket; what an interrupted attempt left goes with the next.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from django.utils import timezone

from media import storage, video_status
from media.chunked_encoding import split
from media.encoding.outputs import EncoderOutput, OutputFile
from media.encoding.renditions import EncodedVideo, encode_higher_renditions, encoded_first_version
from media.encoding.runner import ignore_progress
from media.models import Video
from media.playback.playlists import Manifest
from media.probing.facts import UnplayableRecording
from media.probing.validation import (
    AnonymisationSettings,
    ValidatedRecording,
    validate_recording,
)
from media.sandbox import RunCancelled
from media.scratch import check_free_disk_space, scratch_folder, version_prefix
from media.storage import StoreUnreachable
from media.video_status import UNFINISHED_STATUSES, StaleVideo, outputs_prefix

ReportProgress = Callable[[str, int], None]

FETCHING, CHECKING, ENCODING, STORING = "fetching", "checking", "encoding", "storing"
# Where each stage begins and ends on the way from 0 to 100, by the time it usually takes.
STAGE_PERCENT_RANGES = {FETCHING: (0, 1), CHECKING: (1, 22), ENCODING: (22, 90), STORING: (90, 99)}
REPORT_INTERVAL_SECONDS = 1.0  # seconds
PARALLEL_TRANSFERS = 8

CHECKSUM_MISMATCH = (
    "The file that arrived is not the one that your browser announced. Something went wrong on the way; "
    "please upload it once more."
)


class ProcessingCancelled(Exception):
    """Somebody no longer wants the video prepared; nothing is left of the attempt."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def process_video(video: Video, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> None:
    """Prepare a stored video; afterwards it is ready, damaged or unplayable, with a reason in words, or parted.

    A video that was prepared before is left alone, so that a job may run twice. `report` hears the stage and the
    percentage, and raises if this attempt has lost its right to go on; `cancelled` is asked about twice a second.

    Raises
    ------
    ProcessingCancelled, media.video_status.StaleVideo
    Exception
        Whatever `report` raised, and faults of store or machine (`StoreUnreachable`, `SandboxUnavailable`,
        `ProgramKilled`, `NoRoom`): the attempt is to be repeated.
    """
    video.refresh_from_db()
    if video.status not in UNFINISHED_STATUSES:
        return
    Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, updated_at=timezone.now())
    storage.delete_prefix(outputs_prefix(video), keep=video.prefix)
    with version_prefix(video, outputs_prefix(video)) as prefix, scratch_folder(video.pk) as room:
        _ProcessingAttempt(video, room, prefix, report, is_cancelled).run()
    video.refresh_from_db()


class _ProcessingAttempt:
    """One attempt at one video, in a folder of this machine and under a prefix of the bucket."""

    def __init__(
        self, video: Video, room: Path, prefix: str, report: ReportProgress, is_cancelled: Callable[[], bool]
    ) -> None:
        self._video = video
        self._room = room
        self._prefix = prefix
        self._report = report
        self._cancelled = is_cancelled
        self._last_told = (-1.0, "", 0.0)
        self._arrived = ""  # SHA-256 of what was fetched
        self._there: set[OutputFile] = set()  # in the bucket

    def run(self) -> None:
        try:
            checked = self._fetch_and_validate()
            outputs = self._encode(checked)
            if outputs is None:
                return
            self._report_progress(STORING, 1.0, now=True)
            self._raise_if_cancelled()
            video_status.publish_version(
                self._video, outputs.content_version, prefix=self._prefix, is_intact=checked.is_intact
            )
        except UnplayableRecording as refusal:
            self._report_progress(CHECKING, 1.0, now=True)
            video_status.mark_unplayable(self._video, refusal.reason)
            storage.delete_prefix(outputs_prefix(self._video))
        except RunCancelled:
            # Nothing is written down: where the lease was lost, another attempt owns the row by now.
            raise ProcessingCancelled(self._video) from None

    def _fetch_and_validate(self) -> ValidatedRecording:
        source, out = self._room / "source", self._room / "first"
        out.mkdir()
        self._report_progress(FETCHING, 0.0, now=True)
        check_free_disk_space(self._video)
        self._arrived = storage.download_object(self._video.upload.key, to=source)
        if self._video.upload.sha256 and self._video.upload.sha256 != self._arrived:
            raise UnplayableRecording(CHECKSUM_MISMATCH)
        self._report_progress(CHECKING, 0.0, now=True)
        return validate_recording(
            source,
            out=out,
            is_cancelled=self._cancelled,
            on_progress=lambda part: self._report_progress(CHECKING, part),
            anonymisation=AnonymisationSettings(
                face_mask_path=self._room / "faces" if self._video.hide_faces else None,
                change_voice=self._video.change_voice,
            ),
            observer=self,
        )

    def show_preview(self, so_far: EncoderOutput, *, max_segment_seconds: int) -> None:
        """Let the teller watch what there is of the first version; while the store is away that can wait."""
        growing = EncodedVideo(
            Manifest(so_far.renditions, posters=0, growing=max_segment_seconds), so_far.files
        )
        with suppress(StoreUnreachable):
            self._store_files(so_far.files)
            self._repeat_last_report()
            video_status.publish_preview(self._video, growing.content_version, prefix=self._prefix)

    def discard_preview(self) -> None:
        """Show nothing until it is known what a damaged recording holds."""
        self._repeat_last_report()
        video_status.withdraw_preview(self._video)
        self._there.clear()

    def _encode(self, recording: ValidatedRecording) -> EncodedVideo | None:
        """Show the smallest size, then make the others and put them beside it; None if that is parted among workers."""
        first = encoded_first_version(recording)
        self._store_files(first.files)
        self._report_progress(CHECKING, 1.0, now=True)
        video_status.publish_preview(self._video, first.content_version, prefix=self._prefix)
        self._report_progress(ENCODING, 0.0, now=True)
        if split.should_split(self._video, recording):
            self._split_into_chunks(recording, first)
            return None
        out = self._room / "rest"
        out.mkdir()
        outputs = encode_higher_renditions(
            self._room / "source",
            recording,
            out=out,
            is_cancelled=self._cancelled,
            on_progress=lambda part: self._report_progress(ENCODING, part),
        )
        self._report_progress(STORING, 0.0, now=True)
        self._store_files(outputs.files, on_progress=lambda part: self._report_progress(STORING, part))
        return outputs

    def _split_into_chunks(self, recording: ValidatedRecording, first: EncodedVideo) -> None:
        try:
            split.split_into_chunks(self._video, recording, first, prefix=self._prefix, sha256=self._arrived)
        except split.FirstVersionReplaced:
            raise StaleVideo(self._video) from None

    def _store_files(
        self, files: Sequence[OutputFile], *, on_progress: Callable[[float], None] = ignore_progress
    ) -> None:
        """Put files that are not there yet into the bucket; `reached` hears the part done, from 0 to 1."""

        def put(file: OutputFile) -> None:
            storage.put_file(file.path, key=self._prefix + file.name, content_type=file.content_type)

        missing = [file for file in files if file not in self._there]
        with ThreadPoolExecutor(PARALLEL_TRANSFERS) as pool:
            try:
                for done, _ in enumerate(pool.map(put, missing), start=1):
                    on_progress(done / len(missing))
                    self._raise_if_cancelled()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        self._there.update(missing)

    def _raise_if_cancelled(self) -> None:
        if self._cancelled():
            raise ProcessingCancelled(self._video)

    def _repeat_last_report(self) -> None:
        """Report once more what was reported last, which fails if this attempt has lost its right to go on."""
        _, stage, part = self._last_told
        self._report_progress(stage, part, now=True)

    def _report_progress(self, stage: str, part: float, *, now: bool = False) -> None:
        """Report at most once a second within a stage: each report is a write."""
        told_at, told_stage, _ = self._last_told
        if not now and stage == told_stage and time.monotonic() - told_at < REPORT_INTERVAL_SECONDS:
            return
        self._last_told = (time.monotonic(), stage, part)
        begin, end = STAGE_PERCENT_RANGES[stage]
        percent = round(begin + (end - begin) * max(0.0, min(1.0, part)))
        self._report(stage, percent)
        Video.objects.filter(pk=self._video.pk).update(
            stage=stage, percent=percent, updated_at=timezone.now()
        )
