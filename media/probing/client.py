"""Probes media files with `program.py` in the sandbox; this process never opens them."""

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
    """The probe program does not run on this machine; the message is the end of its stderr."""


def probe_file(source: Path, *, is_cancelled: Callable[[], bool]) -> ProbeResult:
    """Return the tracks of a file, decoding only its first frame.

    Raises
    ------
    UnplayableRecording
        The file cannot be read or has an unsupported format.
    """
    args: list[sandbox.CommandArgument] = [
        "describe",
        ffmpeg.ALLOWED_FORMATS,
        ffmpeg.ALLOWED_CODECS,
        str(ffmpeg.MAX_PIXELS),
        source,
    ]
    try:
        probe_result = facts.parse_probe_report(
            run_probe_program(args, SandboxMounts(source=source), is_cancelled=is_cancelled)
        )
    except facts.UnreadableFile:
        with source.open("rb") as file:
            has_drm = facts.has_drm_markers(file.read(DRM_SCAN_BYTES))
        raise UnplayableRecording(facts.COPY_PROTECTED if has_drm else facts.NOT_A_RECORDING) from None
    except sandbox.RunTimedOut:
        raise UnplayableRecording(facts.TOO_SLOW_TO_READ) from None
    reason = facts.rejection_reason(probe_result)
    if reason is not None:
        raise UnplayableRecording(reason)
    return probe_result


def run_probe_program(
    args: list[sandbox.CommandArgument], mounts: SandboxMounts, *, is_cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Return the program's report; a malformed report counts as an error in the file.

    Raises
    ------
    ProbeProgramFailed
        The program failed before it opened the file: a fault of this machine, unrelated to the file.
    """
    libraries = _pyav_site_packages()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    program_mounts = SandboxMounts(
        source=mounts.source,
        out=mounts.out,
        read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, libraries / "av", libraries / "av.libs"),
    )
    lines: list[str] = []
    command = [python, "-I", "-S", PROGRAM_PATH, str(libraries), *args]
    result = sandbox.run_in_sandbox(
        command, mounts=program_mounts, limits=PROBE_LIMITS, on_line=lines.append, is_cancelled=is_cancelled
    )
    if result.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(result.stderr_tail[-300:])
    if lines[:1] != [READY]:
        raise ProbeProgramFailed(result.stderr_tail[-300:])
    try:
        report = json.loads(lines[1]) if lines[1:] else None
    except json.JSONDecodeError:
        report = None
    return report if isinstance(report, dict) else {"error": f"exit {result.exit_code}"}


def _pyav_site_packages() -> Path:
    """Locate PyAV without importing its decoders into the worker."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        raise ProgramNotInstalled("PyAV")
    return Path(spec.origin).resolve().parent.parent
