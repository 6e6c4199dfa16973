"""Make the renditions of a checked file, and look at what came out before anything is made of it."""

import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from media import ffmpeg, ladder, probe, sandbox
from media.ffmpeg import Picture, Progress, Sound
from media.gate import KILLED, Checked, ProgramKilled, Unplayable, inspect
from media.playlists import POSTER, SOUND, Master, Rendition
from media.programs import can_tone_map, ffmpeg_path
from media.sandbox import Limits, Room

ENCODE = Limits(wall_seconds=60 * 60, cpu_seconds=4 * 60 * 60)
COULD_NOT_PREPARE = "Something about this recording stopped us from preparing it. Please save it again as MP4 (H.264) and upload that."
# What the muxer writes by itself. Anything else would be words of the original: a name, a phone, a place.
OUR_WORDS = frozenset(
    {
        *(
            "major_brand",
            "minor_version",
            "compatible_brands",
            "encoder",
            "language",
            "handler_name",
            "vendor_id",
        ),
    }
)
PIECE_LIMIT = 64 * 1024**2
SLACK_SECONDS = 0.2
GAP_SECONDS = 0.05
POSTER_SECONDS = 3.0
HOLD_FROM_SECONDS = 0.5
JPEG_START = b"\xff\xd8\xff"


class BadOutput(Exception):
    """What the encoder left behind is not what was asked for."""


@dataclass(frozen=True)
class OutputFile:
    name: str
    path: Path
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True)
class Outputs:
    """One version of a video's derivatives, still on this machine."""

    master: Master
    files: tuple[OutputFile, ...]

    @property
    def content_hash(self) -> str:
        """SHA-256 over the names and SHA-256s of all files; names exactly these bytes."""
        lines = sorted(f"{file.sha256}  {file.name}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def encode(
    source: Path,
    checked: Checked,
    *,
    out: Path,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None] | None = None,
) -> Outputs:
    """Write all renditions into `out` and return them, verified; `reached` hears the part done, from 0 to 1.

    Raises
    ------
    media.gate.Unplayable
        The file passed the gate and still could not be turned into something playable.
    """
    picture, sound = wanted(checked)

    def hear(seconds: float) -> None:
        if reached is not None:
            reached(min(1.0, seconds / checked.seconds))

    words = ffmpeg.encoding(source, checked.tracks, picture=picture, sound=sound, out=out)
    try:
        ran = sandbox.run(
            [ffmpeg_path(), *words],
            room=Room(source=source, out=out),
            limits=ENCODE,
            hear=Progress(hear),
            cancelled=cancelled,
        )
    except sandbox.RanTooLong:
        raise Unplayable(probe.TOO_HEAVY) from None
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    if ran.code != 0:
        raise Unplayable(COULD_NOT_PREPARE)
    try:
        return collect(out, checked, picture=picture, sound=sound, cancelled=cancelled)
    except BadOutput as error:
        raise Unplayable(COULD_NOT_PREPARE) from error


def wanted(checked: Checked) -> tuple[Picture | None, Sound | None]:
    """Return what is to be made of a checked file: sizes, rate, poster; and how loud."""
    film, voice = checked.probe.film, checked.probe.voice
    sound = None if voice is None else Sound(ffmpeg.gain_for(checked.loudness), mono=voice.channels == 1)
    if film is None:
        return None, sound
    # Where the picture ends long before the words do, the last one stays: a player would stop at the gap.
    missing = voice.seconds - film.seconds if voice is not None else 0.0
    picture = Picture(
        rungs=tuple(ladder.ladder(film.width, film.height)),
        rate=ladder.frame_rate(film.rate),
        tone_map=film.hdr and can_tone_map(),
        poster_at=min(POSTER_SECONDS, film.seconds / 4),
        hold_last_seconds=missing if missing > HOLD_FROM_SECONDS else 0.0,
    )
    return picture, sound


def collect(
    out: Path,
    checked: Checked,
    *,
    picture: Picture | None,
    sound: Sound | None,
    cancelled: Callable[[], bool],
) -> Outputs:
    """Read back what was written and describe it from its own bytes, not from what the encoder says about it."""
    names = [rung.name for rung in picture.rungs] if picture else []
    names += [SOUND] if sound else []
    counts = {name: len(list(out.glob(f"{name}_*.m4s"))) for name in names}
    words: list[sandbox.Word] = ["pieces", out]
    words += [word for name, count in counts.items() for word in (name, str(count))]
    report = inspect(words, Room(out=out), cancelled=cancelled)
    if "error" in report:
        raise BadOutput(str(report["error"]))
    files = {name: _file(out / name) for name in _expected(counts)}
    try:
        renditions = [_rendition(name, report["renditions"][name], files) for name in names]
    except (KeyError, TypeError, ValueError) as error:
        raise BadOutput("report") from error
    _check_sizes(renditions, picture)
    master = Master(tuple(renditions))
    _check_lengths(master, checked)
    return Outputs(master, tuple(files.values()))


def _expected(counts: Mapping[str, int]) -> list[str]:
    pieces = [f"{name}_{number:05d}.m4s" for name, count in counts.items() for number in range(count)]
    return [POSTER, *(f"{name}_init.mp4" for name in counts), *pieces]


def _file(path: Path) -> OutputFile:
    """Read one file without following a link that an encoder under foreign command may have left in its place."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise BadOutput(path.name) from error
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= PIECE_LIMIT:
            raise BadOutput(path.name)
        content = file.read()
    is_poster = path.name == POSTER
    if is_poster and not content.startswith(JPEG_START):
        raise BadOutput(path.name)
    return OutputFile(
        name=path.name,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="image/jpeg" if is_poster else "video/mp4",
    )


def _rendition(name: str, report: Mapping[str, Any], files: Mapping[str, OutputFile]) -> Rendition:
    is_sound = name == SOUND
    if report["streams"] != 1 or report["codec"] != ("aac" if is_sound else "h264"):
        raise BadOutput(f"{name} holds {report['streams']} streams of {report['codec']}")
    foreign = set(report["words"]) - OUR_WORDS
    if foreign:
        raise BadOutput(f"{name} says {sorted(foreign)}")
    durations = _durations(name, report["pieces"])
    sizes = [files[f"{name}_{number:05d}.m4s"].size for number in range(len(durations))]
    if f"{name}_{len(durations):05d}.m4s" in files:
        raise BadOutput(f"{name} has pieces without content")
    return Rendition(
        name=name,
        kind="audio" if is_sound else "video",
        codecs="mp4a.40.2" if is_sound else f"avc1.{str(report['config'])[2:8]}",
        # The last piece may be a few frames and says nothing about what the line has to carry.
        peak_bps=max(int(8 * size / duration) for size, duration in _all_but_tiny(sizes, durations)),
        average_bps=int(8 * sum(sizes) / sum(durations)),
        durations=tuple(durations),
        width=None if is_sound else int(report["width"]),
        height=None if is_sound else int(report["height"]),
        frame_rate=None if is_sound else round(float(report["rate"]), 3),
    )


def _durations(name: str, pieces: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the seconds of each piece; all begin with a keyframe and follow without a gap."""
    if not pieces or not all(piece["keyframe"] for piece in pieces):
        raise BadOutput(f"{name} has pieces that nothing can begin with")
    for before, after in pairwise(pieces):
        if abs(float(after["start"]) - float(before["end"])) > GAP_SECONDS:
            raise BadOutput(f"{name} has gaps")
    starts = [float(piece["start"]) for piece in pieces]
    ends = [*starts[1:], float(pieces[-1]["end"])]
    durations = [round(end - start, 6) for start, end in zip(starts, ends, strict=True)]
    if min(durations) <= 0:
        raise BadOutput(f"{name} runs backwards")
    return durations


def _all_but_tiny(sizes: Sequence[int], durations: Sequence[float]) -> list[tuple[int, float]]:
    pairs = list(zip(sizes, durations, strict=True))
    return [pair for pair in pairs if pair[1] >= 1] or pairs


def _check_sizes(renditions: Sequence[Rendition], picture: Picture | None) -> None:
    pictures = [rendition for rendition in renditions if rendition.kind == "video"]
    wanted = [(rung.width, rung.height) for rung in picture.rungs] if picture else []
    if [(rendition.width, rendition.height) for rendition in pictures] != wanted:
        raise BadOutput("sizes")
    for upper, lower in pairwise(pictures):
        same = len(upper.durations) == len(lower.durations) and all(
            abs(one - other) < GAP_SECONDS
            for one, other in zip(upper.durations, lower.durations, strict=True)
        )
        if not same:
            raise BadOutput("keyframes are not aligned")


def _check_lengths(master: Master, checked: Checked) -> None:
    """Refuse output that is clearly shorter than what was decoded."""
    if probe.is_short_of(checked.seconds, master.seconds + SLACK_SECONDS):
        raise BadOutput(f"{master.seconds:.1f} s came out of {checked.seconds:.1f} s")
