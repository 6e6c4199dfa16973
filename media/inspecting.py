"""Look into media files without opening any of them here: the inspector does, behind walls."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media import ffmpeg, probe, sandbox
from media.inspector import READY
from media.probe import Probe, Unplayable
from media.programs import ProgramMissing
from media.running import KILLED, ProgramKilled
from media.sandbox import Limits, Room

INSPECTOR = Path(__file__).with_name("inspector.py")
GLANCE = Limits(wall_seconds=90, cpu_seconds=60, file_bytes=1024**2)
BEGINNING_BYTES = 4 * 1024**2


class InspectorDoesNotStart(Exception):
    """The program that looks into files does not run on this machine; the message is what it complained about."""


def look(source: Path, *, cancelled: Callable[[], bool]) -> Probe:
    """Return what the file holds, without decoding more than its first picture.

    Raises
    ------
    Unplayable
        With a sentence for the owner: it cannot be read, or holds what we do not take.
    """
    words: list[sandbox.Word] = ["describe", ffmpeg.FORMATS, ffmpeg.CODECS, str(ffmpeg.MOST_PIXELS), source]
    try:
        found = probe.understand(inspect(words, Room(source=source), cancelled=cancelled))
    except probe.CannotRead:
        with source.open("rb") as file:
            beginning = file.read(BEGINNING_BYTES)
        protected = probe.looks_protected(beginning)
        raise Unplayable(probe.PROTECTED if protected else probe.NOT_A_RECORDING) from None
    except sandbox.RanTooLong:
        raise Unplayable(probe.TOO_HEAVY) from None
    why_not = probe.refusal(found)
    if why_not is not None:
        raise Unplayable(why_not)
    return found


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
