"""Make the larger sizes of a checked file, and put them together with what the gate made on its way."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media import probe, recipes
from media.collecting import BadOutput, Collected, OutputFile, check_aligned, check_sizes, collect
from media.ffmpeg import Progress
from media.gate import Checked, to_nobody
from media.planning import Picture
from media.playlists import Master
from media.probe import Unplayable
from media.running import run_ffmpeg
from media.sandbox import Limits, Room

ENCODE = Limits(wall_seconds=60 * 60, cpu_seconds=4 * 60 * 60)
COULD_NOT_PREPARE = "Something about this recording stopped us from preparing it. Please save it again as MP4 (H.264) and upload that."
SLACK_SECONDS = 0.2


@dataclass(frozen=True)
class Version:
    """What a player is told of one version of a video's derivatives, and the hash that names exactly their bytes."""

    master: Master
    content_hash: str


@dataclass(frozen=True)
class Outputs:
    """One version of a video's derivatives, still on this machine."""

    master: Master
    files: tuple[OutputFile, ...]

    @property
    def version(self) -> Version:
        return Version(self.master, content_hash({file.name: file.sha256 for file in self.files}))


def content_hash(sums: Mapping[str, str]) -> str:
    """Return SHA-256 over the names and SHA-256s of all files."""
    lines = sorted(f"{sha256}  {name}\n" for name, sha256 in sums.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def first_version(checked: Checked) -> Outputs:
    """Return what can be watched before there are other sizes."""
    return Outputs(checked.master, checked.made.files)


def encode(
    source: Path,
    checked: Checked,
    *,
    out: Path,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None] | None = None,
) -> Outputs:
    """Write the larger sizes into `out`, an empty folder, and return the whole version, verified.

    `reached` hears the part done, from 0 to 1.

    Raises
    ------
    media.probe.Unplayable
        The file passed the gate and still could not be turned into something playable.
    """
    picture = checked.plan.picture
    if picture is None or not picture.upper:
        return first_version(checked)
    making = _Making(source, checked, out, cancelled, reached or to_nobody)
    try:
        try:
            made = making.make(picture)
        except BadOutput:
            # A stream that looked as if it could be copied is encoded like any other.
            if not picture.copies_top:
                raise
            made = making.make(replace(picture, copies_top=False))
    except BadOutput as error:
        raise Unplayable(COULD_NOT_PREPARE) from error
    return put_together(checked, made)


class _Making:
    """The second order to the encoder, which may have to be given twice."""

    def __init__(
        self,
        source: Path,
        checked: Checked,
        out: Path,
        cancelled: Callable[[], bool],
        reached: Callable[[float], None],
    ) -> None:
        self._source = source
        self._checked = checked
        self._out = out
        self._cancelled = cancelled
        self._reached = reached

    def make(self, picture: Picture) -> Collected:
        """Raise BadOutput where what comes out does not fit what the gate made."""
        folder = self._out / ("copied" if picture.copies_top else "encoded")
        folder.mkdir()
        most = settings.UPLOAD_MAX_SECONDS + 2.0
        progress = Progress(self._hear, rate=picture.rate)
        ran = run_ffmpeg(
            recipes.rest(self._source, self._checked.tracks, picture, out=folder, at_most=most),
            room=Room(source=self._source, out=folder, parts=self._checked.tracks.beside),
            limits=ENCODE,
            hear=progress,
            cancelled=self._cancelled,
        )
        if ran.code != 0:
            raise BadOutput(f"exit {ran.code}")
        names = [rung.name for rung in picture.upper]
        made = collect(folder, names=names, pictures=[], cancelled=self._cancelled)
        check_sizes(made.renditions, picture.upper)
        _check_fit(made, self._checked)
        return made

    def _hear(self, seconds: float) -> None:
        self._reached(min(1.0, seconds / self._checked.seconds))


def put_together(checked: Checked, made: Collected) -> Outputs:
    """Return the whole version: the larger sizes, then what there was before."""
    master = replace(checked.master, renditions=(*made.renditions, *checked.made.renditions))
    return Outputs(master, (*made.files, *checked.made.files))


def _check_fit(made: Collected, checked: Checked) -> None:
    """Refuse sizes that are not cut like the smallest one, or end clearly earlier than the recording."""
    lowest = checked.made.renditions[0]
    check_aligned([*made.renditions, lowest])
    shortest = min(rendition.seconds for rendition in made.renditions)
    if probe.is_short_of(lowest.seconds, shortest + SLACK_SECONDS):
        raise BadOutput(f"{shortest:.1f} s came out of {lowest.seconds:.1f} s")
