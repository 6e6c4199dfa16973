"""From what was uploaded to what can be watched: fetch, check, show the smallest size, make the others, publish.

What is long has its larger sizes made elsewhere, in parts: see `media.chunking`.

`process` may be stopped anywhere and begun again. Each attempt writes under a token of its own, and a video points at
derivatives only when all that it is told of are in the bucket; what an interrupted attempt left goes with the next.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.utils import timezone

from media import splitting, storage
from media.collecting import OutputFile
from media.encoding import Outputs, Version, encode, first_version
from media.gate import Checked, Disguise, check
from media.models import Splitting, Video
from media.probe import Unplayable
from media.sandbox import RunCancelled
from media.workplaces import check_space, new_version, workplace

Report = Callable[[str, int], None]

UNFINISHED = (Video.Status.STORED, Video.Status.PROCESSING)
FETCHING, CHECKING, ENCODING, STORING, DONE = "fetching", "checking", "encoding", "storing", "done"
# Where each stage begins and ends on the way from 0 to 100, by the time it usually takes.
SPANS = {FETCHING: (0, 5), CHECKING: (5, 25), ENCODING: (25, 90), STORING: (90, 99)}
REPORT_EVERY = 1.0  # seconds
STORED_AT_ONCE = 8

MAY_BE_DAMAGED = (
    "Parts of this recording seem to be damaged or missing. Please watch it through: "
    "you can keep it as it is, or upload it again."
)
NOT_WHAT_WAS_SENT = (
    "The file that arrived is not the one that your browser announced. Something went wrong on the way; "
    "please upload it once more."
)


class ProcessingCancelled(Exception):
    """Somebody no longer wants the video prepared; nothing is left of the attempt."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


class VideoMovedOn(Exception):
    """The video was erased, or published by another attempt, while this one was at work."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def process(video: Video, *, report: Report, cancelled: Callable[[], bool]) -> None:
    """Prepare a stored video; afterwards it is ready, damaged or unplayable, with a reason in words, or parted.

    A video that was prepared before is left alone, so that a job may run twice. `report` hears the stage and the
    percentage, and raises if this attempt has lost its right to go on; `cancelled` is asked about twice a second.

    Raises
    ------
    ProcessingCancelled, VideoMovedOn
    Exception
        Whatever `report` raised, and faults of store or machine (`StoreUnreachable`, `SandboxUnavailable`,
        `ProgramKilled`, `NoRoom`): the attempt is to be repeated.
    """
    video.refresh_from_db()
    if video.status not in UNFINISHED:
        return
    Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, updated_at=timezone.now())
    _Steps(video, report, cancelled).run()
    video.refresh_from_db()


class _Steps:
    """One attempt at one video."""

    def __init__(self, video: Video, report: Report, cancelled: Callable[[], bool]) -> None:
        self._video = video
        self._report = report
        self._cancelled = cancelled
        self._last_told = (-1.0, "")
        self._arrived = ""  # SHA-256 of what was fetched

    def run(self) -> None:
        home = _home(self._video)
        storage.delete_prefix(home, keep=self._video.prefix)
        try:
            with new_version(self._video, home) as prefix, workplace(self._video.pk) as room:
                checked = self._check(room)
                outputs = self._make(room, checked, prefix)
                if outputs is None:
                    return
                self._tell(STORING, 1.0, now=True)
                self._stop_if_cancelled()
                publish_version(self._video, outputs.version, prefix=prefix, sound=checked.sound)
        except Unplayable as refusal:
            self._tell(CHECKING, 1.0, now=True)
            refuse(self._video, refusal.reason)
            storage.delete_prefix(_home(self._video))
        except RunCancelled:
            # Nothing is written down: where the lease was lost, another attempt owns the row by now.
            raise ProcessingCancelled(self._video) from None

    def _check(self, room: Path) -> Checked:
        source, out = room / "source", room / "first"
        out.mkdir()
        self._tell(FETCHING, 0.0, now=True)
        check_space(self._video)
        self._arrived = storage.fetch(self._video.upload.key, to=source)
        if self._video.upload.sha256 and self._video.upload.sha256 != self._arrived:
            raise Unplayable(NOT_WHAT_WAS_SENT)
        self._tell(CHECKING, 0.0, now=True)
        return check(
            source,
            out=out,
            cancelled=self._cancelled,
            reached=lambda part: self._tell(CHECKING, part, now=False),
            disguise=Disguise(
                cover=room / "faces" if self._video.hide_faces else None, voice=self._video.change_voice
            ),
        )

    def _make(self, room: Path, checked: Checked, prefix: str) -> Outputs | None:
        """Show the smallest size, then make the others and put them beside it; None if that is parted among workers."""
        first = first_version(checked)
        self._store(first.files, prefix, stage=CHECKING)
        self._tell(CHECKING, 1.0, now=True)
        show_first(self._video, first.version, prefix=prefix)
        self._tell(ENCODING, 0.0, now=True)
        if splitting.wanted(self._video, checked):
            self._part(checked, first, prefix)
            return None
        out = room / "rest"
        out.mkdir()
        outputs = encode(
            room / "source",
            checked,
            out=out,
            cancelled=self._cancelled,
            reached=lambda part: self._tell(ENCODING, part, now=False),
        )
        there = set(first.files)
        self._tell(STORING, 0.0, now=True)
        self._store([file for file in outputs.files if file not in there], prefix, stage=STORING)
        return outputs

    def _part(self, checked: Checked, first: Outputs, prefix: str) -> None:
        try:
            splitting.begin(self._video, checked, first, prefix=prefix, sha256=self._arrived)
        except splitting.AlreadyMovedOn:
            raise VideoMovedOn(self._video) from None

    def _store(self, files: Sequence[OutputFile], prefix: str, *, stage: str) -> None:
        def put(file: OutputFile) -> None:
            storage.store(file.path, key=prefix + file.name, content_type=file.content_type)

        with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
            try:
                for done, _ in enumerate(pool.map(put, files), start=1):
                    self._tell(stage, done / len(files) if stage == STORING else 1.0, now=False)
                    self._stop_if_cancelled()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise ProcessingCancelled(self._video)

    def _tell(self, stage: str, part: float, *, now: bool) -> None:
        """Report at most once a second within a stage: each report is a write."""
        told_at, told_stage = self._last_told
        if not now and stage == told_stage and time.monotonic() - told_at < REPORT_EVERY:
            return
        self._last_told = (time.monotonic(), stage)
        begin, end = SPANS[stage]
        percent = round(begin + (end - begin) * max(0.0, min(1.0, part)))
        self._report(stage, percent)
        Video.objects.filter(pk=self._video.pk).update(
            stage=stage, percent=percent, updated_at=timezone.now()
        )


def show_first(video: Video, first: Version, *, prefix: str) -> None:
    """Point the video at its first version, so that its owner can watch it while the rest is made.

    Raises VideoMovedOn.
    """
    _point(video, first, prefix=prefix, status=Video.Status.PROCESSING, reason="")


def publish_version(video: Video, version: Version, *, prefix: str, sound: bool) -> None:
    """Point the video at derivatives that are all in the bucket, in one UPDATE, and drop the version before.

    Raises
    ------
    VideoMovedOn
        The video is no longer as this attempt found it; its derivatives are removed again.
    """
    status = Video.Status.READY if sound else Video.Status.DAMAGED
    done = {"stage": DONE, "percent": 100}
    _point(video, version, prefix=prefix, status=status, reason="" if sound else MAY_BE_DAMAGED, **done)


def _point(video: Video, version: Version, *, prefix: str, **facts: Any) -> None:
    """Let the row name these derivatives, if it still is as this attempt left it."""
    master = version.master
    largest = master.pictures[0] if master.pictures else None
    as_left = Video.objects.filter(
        pk=video.pk, prefix=video.prefix, content_hash=video.content_hash, status=Video.Status.PROCESSING
    )
    pointed = as_left.update(
        kind=Video.Kind.VIDEO if largest else Video.Kind.AUDIO,
        duration_ms=max(1, round(master.seconds * 1000)),
        width=largest.width if largest else None,
        height=largest.height if largest else None,
        has_sound=master.sound is not None,
        content_hash=version.content_hash,
        prefix=prefix,
        master=master.as_json(),
        updated_at=timezone.now(),
        **facts,
    )
    if not pointed:
        storage.delete_prefix(prefix)
        raise VideoMovedOn(video)
    video.prefix, video.content_hash = prefix, version.content_hash
    storage.delete_prefix(_home(video), keep=prefix)


def start_over(video: Video, *, hide_faces: bool, change_voice: bool) -> None:
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


def refuse(video: Video, reason: str) -> None:
    """Write down that this recording cannot be played, and why; one that was prepared stays as it is.

    What could be watched of it while it was being prepared can be no more.
    """
    Splitting.objects.filter(video=video).delete()
    Video.objects.filter(pk=video.pk, status__in=UNFINISHED).update(
        status=Video.Status.UNPLAYABLE,
        reason=reason,
        prefix="",
        content_hash="",
        master={},
        stage=DONE,
        percent=100,
        updated_at=timezone.now(),
    )
    video.refresh_from_db()


def _home(video: Video) -> str:
    """Return what all versions of a video's derivatives begin with; the part after it cannot be guessed."""
    return f"out/{video.pk}/"
