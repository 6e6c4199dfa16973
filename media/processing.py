"""From what was uploaded to what can be watched: fetch, check and show what there is by then, make the other sizes, publish.

What is long has its larger sizes made elsewhere, in parts: see `media.chunking`.

`process` may be stopped anywhere and begun again. Each attempt writes under a token of its own, and a video points at
derivatives only when all that it is told of are in the bucket; what an interrupted attempt left goes with the next.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from django.utils import timezone

from media import splitting, storage, versions
from media.collecting import Collected, OutputFile
from media.encoding import Outputs, encode, first_version
from media.gate import Checked, Disguise, check, to_nobody
from media.models import Video
from media.playlists import Master
from media.probe import Unplayable
from media.sandbox import RunCancelled
from media.storage import StoreUnreachable
from media.versions import UNFINISHED, VideoMovedOn, home
from media.workplaces import check_space, new_version, workplace

Report = Callable[[str, int], None]

FETCHING, CHECKING, ENCODING, STORING = "fetching", "checking", "encoding", "storing"
# Where each stage begins and ends on the way from 0 to 100, by the time it usually takes.
SPANS = {FETCHING: (0, 1), CHECKING: (1, 22), ENCODING: (22, 90), STORING: (90, 99)}
REPORT_EVERY = 1.0  # seconds
STORED_AT_ONCE = 8

NOT_WHAT_WAS_SENT = (
    "The file that arrived is not the one that your browser announced. Something went wrong on the way; "
    "please upload it once more."
)


class ProcessingCancelled(Exception):
    """Somebody no longer wants the video prepared; nothing is left of the attempt."""

    def __init__(self, video: Video) -> None:
        super().__init__(str(video.pk))
        self.video = video


def process(video: Video, *, report: Report, cancelled: Callable[[], bool]) -> None:
    """Prepare a stored video; afterwards it is ready, damaged or unplayable, with a reason in words, or parted.

    A video that was prepared before is left alone, so that a job may run twice. `report` hears the stage and the
    percentage, and raises if this attempt has lost its right to go on; `cancelled` is asked about twice a second.

    Raises
    ------
    ProcessingCancelled, media.versions.VideoMovedOn
    Exception
        Whatever `report` raised, and faults of store or machine (`StoreUnreachable`, `SandboxUnavailable`,
        `ProgramKilled`, `NoRoom`): the attempt is to be repeated.
    """
    video.refresh_from_db()
    if video.status not in UNFINISHED:
        return
    Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, updated_at=timezone.now())
    storage.delete_prefix(home(video), keep=video.prefix)
    with new_version(video, home(video)) as prefix, workplace(video.pk) as room:
        _Attempt(video, room, prefix, report, cancelled).run()
    video.refresh_from_db()


class _Attempt:
    """One attempt at one video, in a folder of this machine and under a prefix of the bucket."""

    def __init__(
        self, video: Video, room: Path, prefix: str, report: Report, cancelled: Callable[[], bool]
    ) -> None:
        self._video = video
        self._room = room
        self._prefix = prefix
        self._report = report
        self._cancelled = cancelled
        self._last_told = (-1.0, "", 0.0)
        self._arrived = ""  # SHA-256 of what was fetched
        self._there: set[OutputFile] = set()  # in the bucket

    def run(self) -> None:
        try:
            checked = self._check()
            outputs = self._make(checked)
            if outputs is None:
                return
            self._tell(STORING, 1.0, now=True)
            self._stop_if_cancelled()
            versions.publish_version(self._video, outputs.version, prefix=self._prefix, sound=checked.sound)
        except Unplayable as refusal:
            self._tell(CHECKING, 1.0, now=True)
            versions.refuse(self._video, refusal.reason)
            storage.delete_prefix(home(self._video))
        except RunCancelled:
            # Nothing is written down: where the lease was lost, another attempt owns the row by now.
            raise ProcessingCancelled(self._video) from None

    def _check(self) -> Checked:
        source, out = self._room / "source", self._room / "first"
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
            reached=lambda part: self._tell(CHECKING, part),
            disguise=Disguise(
                cover=self._room / "faces" if self._video.hide_faces else None, voice=self._video.change_voice
            ),
            onlooker=self,
        )

    def see(self, so_far: Collected, *, longest_piece: int) -> None:
        """Let the teller watch what there is of the first version; while the store is away that can wait."""
        growing = Outputs(Master(so_far.renditions, posters=0, growing=longest_piece), so_far.files)
        with suppress(StoreUnreachable):
            self._store(so_far.files)
            self._tell_again()
            versions.show(self._video, growing.version, prefix=self._prefix)

    def forget(self) -> None:
        """Show nothing until it is known what a damaged recording holds."""
        self._tell_again()
        versions.take_back(self._video)
        self._there.clear()

    def _make(self, checked: Checked) -> Outputs | None:
        """Show the smallest size, then make the others and put them beside it; None if that is parted among workers."""
        first = first_version(checked)
        self._store(first.files)
        self._tell(CHECKING, 1.0, now=True)
        versions.show(self._video, first.version, prefix=self._prefix)
        self._tell(ENCODING, 0.0, now=True)
        if splitting.wanted(self._video, checked):
            self._part(checked, first)
            return None
        out = self._room / "rest"
        out.mkdir()
        outputs = encode(
            self._room / "source",
            checked,
            out=out,
            cancelled=self._cancelled,
            reached=lambda part: self._tell(ENCODING, part),
        )
        self._tell(STORING, 0.0, now=True)
        self._store(outputs.files, reached=lambda part: self._tell(STORING, part))
        return outputs

    def _part(self, checked: Checked, first: Outputs) -> None:
        try:
            splitting.begin(self._video, checked, first, prefix=self._prefix, sha256=self._arrived)
        except splitting.AlreadyMovedOn:
            raise VideoMovedOn(self._video) from None

    def _store(self, files: Sequence[OutputFile], *, reached: Callable[[float], None] = to_nobody) -> None:
        """Put files that are not there yet into the bucket; `reached` hears the part done, from 0 to 1."""

        def put(file: OutputFile) -> None:
            storage.store(file.path, key=self._prefix + file.name, content_type=file.content_type)

        missing = [file for file in files if file not in self._there]
        with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
            try:
                for done, _ in enumerate(pool.map(put, missing), start=1):
                    reached(done / len(missing))
                    self._stop_if_cancelled()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        self._there.update(missing)

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise ProcessingCancelled(self._video)

    def _tell_again(self) -> None:
        """Report once more what was reported last, which fails if this attempt has lost its right to go on."""
        _, stage, part = self._last_told
        self._tell(stage, part, now=True)

    def _tell(self, stage: str, part: float, *, now: bool = False) -> None:
        """Report at most once a second within a stage: each report is a write."""
        told_at, told_stage, _ = self._last_told
        if not now and stage == told_stage and time.monotonic() - told_at < REPORT_EVERY:
            return
        self._last_told = (time.monotonic(), stage, part)
        begin, end = SPANS[stage]
        percent = round(begin + (end - begin) * max(0.0, min(1.0, part)))
        self._report(stage, percent)
        Video.objects.filter(pk=self._video.pk).update(
            stage=stage, percent=percent, updated_at=timezone.now()
        )
