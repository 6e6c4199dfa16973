"""Look at a stranger's file behind walls, and say whether it is sound, damaged, or nothing we can play."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from media import ffmpeg, probe, sandbox
from media.ffmpeg import Progress, Tracks
from media.inspector import READY
from media.probe import Probe
from media.programs import ProgramMissing, ffmpeg_path
from media.sandbox import Limits, Room

INSPECTOR = Path(__file__).with_name("inspector.py")
GLANCE = Limits(wall_seconds=90, cpu_seconds=60, file_bytes=1024**2)
# The longest recording, in the slowest format, on a machine that has other things to do.
# Twice this and an encode have to fit into the two hours after which the broker hands a job to somebody else.
DECODE = Limits(wall_seconds=25 * 60, cpu_seconds=60 * 60, file_bytes=1024**2)
KILLED = frozenset({-9, -15, 137, 143})  # by the machine or its keeper, not by the file
BEGINNING_BYTES = 4 * 1024**2


class Unplayable(Exception):
    """The file cannot become a story; `reason` says why in words for the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InspectorDoesNotStart(Exception):
    """The program that looks into files does not run on this machine; the message is what it complained about."""


class ProgramKilled(Exception):
    """The program was killed from outside, as by a machine short of memory; worth trying again."""


@dataclass(frozen=True)
class Checked:
    """A file that can be played; `sound` is False if something in it is damaged or missing."""

    probe: Probe
    tracks: Tracks
    sound: bool
    seconds: float
    loudness: float | None


def check(
    source: Path, *, cancelled: Callable[[], bool], reached: Callable[[float], None] | None = None
) -> Checked:
    """Describe the file, decode all of it, and judge; `reached` hears the part done, from 0 to 1.

    Raises
    ------
    Unplayable
        With a sentence for the owner.
    media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled, ProgramKilled
        Which say nothing about the file.
    """
    found = look(source, cancelled=cancelled)
    why_not = probe.refusal(found)
    if why_not is not None:
        raise Unplayable(why_not)
    tracks = Tracks(
        video=None if found.film is None else found.film.index,
        audio=None if found.voice is None else found.voice.index,
    )
    expected = max(track.seconds for track in (found.film, found.voice) if track is not None)

    def hear(seconds: float) -> None:
        if reached is not None and expected > 0:
            reached(min(1.0, seconds / expected))

    strict = _decode(source, tracks, strict=True, cancelled=cancelled, reached=hear)
    faultless = (
        strict.code == 0 and strict.ended and not probe.is_short_of(found.header_seconds, strict.seconds)
    )
    result = strict if faultless else _decode(source, tracks, strict=False, cancelled=cancelled, reached=hear)
    _check_length(result.seconds)
    return Checked(found, tracks, faultless, result.seconds, ffmpeg.loudness_in(result.complaints))


def look(source: Path, *, cancelled: Callable[[], bool]) -> Probe:
    """Return what the file holds, without decoding more than its first picture."""
    words: list[sandbox.Word] = ["describe", ffmpeg.FORMATS, ffmpeg.CODECS, str(ffmpeg.MOST_PIXELS), source]
    try:
        return probe.understand(inspect(words, Room(source=source), cancelled=cancelled))
    except probe.CannotRead:
        with source.open("rb") as file:
            beginning = file.read(BEGINNING_BYTES)
        protected = probe.looks_protected(beginning)
        raise Unplayable(probe.PROTECTED if protected else probe.NOT_A_RECORDING) from None
    except sandbox.RanTooLong:
        raise Unplayable(probe.TOO_HEAVY) from None


def inspect(words: list[sandbox.Word], room: Room, *, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Run the inspector in the room and return its report; a report that is none counts as an error.

    Raises
    ------
    InspectorDoesNotStart
        It did not even come to open the file: that is this machine's fault, and says nothing about the file.
    """
    libraries = _home_of_pyav()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    furnished = Room(
        source=room.source,
        out=room.out,
        parts=(Path(sys.base_prefix), INSPECTOR, libraries / "av", libraries / "av.libs"),
    )
    lines: list[str] = []
    command = [python, "-I", "-S", INSPECTOR, str(libraries), *words]
    ran = sandbox.run(command, room=furnished, limits=GLANCE, hear=lines.append, cancelled=cancelled)
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    if lines[:1] != [READY]:
        raise InspectorDoesNotStart(ran.complaints[-300:])
    try:
        report = json.loads(lines[1]) if lines[1:] else None
    except json.JSONDecodeError:
        report = None
    return report if isinstance(report, dict) else {"error": f"exit {ran.code}"}


def _home_of_pyav() -> Path:
    """Find PyAV without importing it: the worker has no use for its decoders in its own process."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        raise ProgramMissing("PyAV")
    return Path(spec.origin).resolve().parent.parent


@dataclass(frozen=True)
class _Decoded:
    code: int
    ended: bool
    seconds: float
    complaints: str


def _decode(
    source: Path,
    tracks: Tracks,
    *,
    strict: bool,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None],
) -> _Decoded:
    progress = Progress(reached)
    words = ffmpeg.decoding(source, tracks, strict=strict, at_most=settings.UPLOAD_MAX_SECONDS + 2.0)
    try:
        ran = sandbox.run(
            [ffmpeg_path(), *words],
            room=Room(source=source),
            limits=DECODE,
            hear=progress,
            cancelled=cancelled,
        )
    except sandbox.RanTooLong:
        raise Unplayable(probe.TOO_HEAVY) from None
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    return _Decoded(ran.code, progress.ended, progress.seconds, ran.complaints)


def _check_length(seconds: float) -> None:
    if seconds < probe.SHORTEST_SECONDS:
        raise Unplayable(probe.BROKEN)
    if seconds > settings.UPLOAD_MAX_SECONDS + 1:
        raise Unplayable(probe.too_long(settings.UPLOAD_MAX_SECONDS))
