"""System checks for ffmpeg, the sandbox and the validation of recordings."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from media import sandbox
from media.probing import validation
from media.probing.client import ProbeProgramFailed
from media.probing.facts import UnplayableRecording
from media.programs import ProgramNotInstalled, ffmpeg_path
from media.sandbox import ProgramKilled

FFMPEG_HINT = "Install ffmpeg, or set SAMEBOAT_FFMPEG to its path."
SANDBOX_HINT = (
    "Install bubblewrap and util-linux, and allow unprivileged user namespaces. "
    "On a development machine, SAMEBOAT_SANDBOX=preferred runs without a sandbox."
)


def register_checks() -> None:
    register(check_ffmpeg, "media")
    register(check_sandbox, "media")
    register(check_validation, "media", deploy=True)


def check_ffmpeg(**_: Any) -> list[CheckMessage]:
    try:
        program = ffmpeg_path()
        completed = subprocess.run([program, "-version"], capture_output=True, timeout=30, check=False)
    except (ProgramNotInstalled, OSError, subprocess.TimeoutExpired) as error:
        return [Error(f"ffmpeg does not work: {error}.", hint=FFMPEG_HINT, id="media.E001")]
    if completed.returncode:
        return [Error(f"{program} does not run.", hint=FFMPEG_HINT, id="media.E001")]
    return []


def check_sandbox(**_: Any) -> list[CheckMessage]:
    problem = sandbox.find_bubblewrap_problem()
    if problem is None:
        return []
    if settings.SANDBOX == "preferred":
        return [
            CheckWarning(
                f"Recordings are decoded without a sandbox: {problem}.", hint=SANDBOX_HINT, id="media.W001"
            )
        ]
    return [Error(f"Recordings cannot be decoded: {problem}.", hint=SANDBOX_HINT, id="media.E002")]


def check_validation(**_: Any) -> list[CheckMessage]:
    """Validate a good recording and a disguised playlist. Takes a second, so it runs only with `--deploy`."""
    if check_ffmpeg() or (sandbox.find_bubblewrap_problem() is not None and settings.SANDBOX != "preferred"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        recording, playlist = Path(folder) / "recording.mp4", Path(folder) / "playlist.mp4"
        command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-f", "lavfi", "-i"]
        subprocess.run([*command, "sine=duration=1", "-c:a", "aac", recording], timeout=60, check=False)
        playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{recording}\n#EXT-X-ENDLIST\n")
        problems = [
            *(["it rejects a good recording"] if not _is_accepted(recording) else []),
            *(["it accepts a disguised playlist"] if _is_accepted(playlist) else []),
        ]
    return [
        Error(f"The validation of recordings does not work: {problem}.", id="media.E003")
        for problem in problems
    ]


def _is_accepted(file: Path) -> bool:
    try:
        with tempfile.TemporaryDirectory() as out:
            return validation.validate_recording(file, out=Path(out), is_cancelled=lambda: False).is_intact
    except (UnplayableRecording, ProgramKilled, ProbeProgramFailed, OSError):
        return False
