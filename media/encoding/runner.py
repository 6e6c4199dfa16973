"""Runs ffmpeg on uploads in the sandbox."""

import errno
import os
from collections.abc import Callable, Sequence

from media import sandbox
from media.probing import facts
from media.probing.facts import UnplayableRecording
from media.programs import ffmpeg_path
from media.sandbox import (
    KILL_EXIT_CODES,
    CommandArgument,
    ProgramKilled,
    ProgramResult,
    ResourceLimits,
    SandboxMounts,
)

NO_SPACE_MESSAGE = os.strerror(errno.ENOSPC)  # ffmpeg prints the system's message


class DiskFull(Exception):
    """The output did not fit on the disk; unrelated to the file and worth a retry."""


def run_ffmpeg(
    args: Sequence[CommandArgument],
    *,
    mounts: SandboxMounts,
    limits: ResourceLimits,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool],
    on_poll: Callable[[], None] | None = None,
) -> ProgramResult:
    """Run ffmpeg until it exits; a non-zero exit code is returned, not raised.

    Raises
    ------
    UnplayableRecording
        The file takes longer to process than a recording may.
    DiskFull, media.sandbox.ProgramKilled, media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled
        Failures that are unrelated to the file.
    """
    try:
        command = [ffmpeg_path(), *args]
        result = sandbox.run_in_sandbox(
            command, mounts=mounts, limits=limits, on_line=on_line, is_cancelled=is_cancelled, on_poll=on_poll
        )
    except sandbox.RunTimedOut:
        raise UnplayableRecording(facts.TOO_SLOW_TO_READ) from None
    if result.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(result.stderr_tail[-300:])
    if result.exit_code != 0 and NO_SPACE_MESSAGE in result.stderr_tail:
        raise DiskFull(result.stderr_tail[-300:])
    return result


def ignore_progress(progress: float) -> None:
    """Do nothing: the default progress callback."""
