"""Look into media files without opening any of them here: the inspector does, behind walls."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media import ffmpeg, sandbox
from media.probing import facts
from media.probing.facts import ProbeResult, UnplayableRecording
from media.probing.program import READY
from media.programs import ProgramNotInstalled
from media.sandbox import KILL_EXIT_CODES, ProgramKilled, ResourceLimits, SandboxMounts

PROGRAM_PATH = Path(__file__).with_name("program.py")
PROBE_LIMITS = ResourceLimits(wall_seconds=90, cpu_seconds=60, file_bytes=1024**2)
DRM_SCAN_BYTES = 4 * 1024**2


class ProbeProgramFailed(Exception):
    """The program that looks into files does not run on this machine; the message is what it complained about."""


def probe_file(source: Path, *, is_cancelled: Callable[[], bool]) -> ProbeResult:
    """Return what the file holds, without decoding more than its first picture.

    Raises
    ------
    Unplayable
        With a sentence for the owner: it cannot be read, or holds what we do not take.
    """
    words: list[sandbox.CommandArgument] = [
        "describe",
        ffmpeg.ALLOWED_FORMATS,
        ffmpeg.ALLOWED_CODECS,
        str(ffmpeg.MAX_PIXELS),
        source,
    ]
    try:
        found = facts.parse_probe_report(
            run_probe_program(words, SandboxMounts(source=source), is_cancelled=is_cancelled)
        )
    except facts.UnreadableFile:
        with source.open("rb") as file:
            beginning = file.read(DRM_SCAN_BYTES)
        protected = facts.has_drm_markers(beginning)
        raise UnplayableRecording(facts.COPY_PROTECTED if protected else facts.NOT_A_RECORDING) from None
    except sandbox.RunTimedOut:
        raise UnplayableRecording(facts.TOO_SLOW_TO_READ) from None
    why_not = facts.rejection_reason(found)
    if why_not is not None:
        raise UnplayableRecording(why_not)
    return found


def run_probe_program(
    words: list[sandbox.CommandArgument], mounts: SandboxMounts, *, is_cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Run the inspector in the room and return its report; a report that is none counts as an error.

    Raises
    ------
    InspectorDoesNotStart
        It did not even come to open the file: that is this machine's fault, and says nothing about the file.
    """
    libraries = _pyav_site_packages()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    furnished = SandboxMounts(
        source=mounts.source,
        out=mounts.out,
        read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, libraries / "av", libraries / "av.libs"),
    )
    lines: list[str] = []
    command = [python, "-I", "-S", PROGRAM_PATH, str(libraries), *words]
    ran = sandbox.run_in_sandbox(
        command, mounts=furnished, limits=PROBE_LIMITS, on_line=lines.append, is_cancelled=is_cancelled
    )
    if ran.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(ran.stderr_tail[-300:])
    if lines[:1] != [READY]:
        raise ProbeProgramFailed(ran.stderr_tail[-300:])
    try:
        report = json.loads(lines[1]) if lines[1:] else None
    except json.JSONDecodeError:
        report = None
    return report if isinstance(report, dict) else {"error": f"exit {ran.exit_code}"}


def _pyav_site_packages() -> Path:
    """Find PyAV without importing it: the worker has no use for its decoders in its own process."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        raise ProgramNotInstalled("PyAV")
    return Path(spec.origin).resolve().parent.parent
