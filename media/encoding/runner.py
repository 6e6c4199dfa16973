"""Run ffmpeg on a stranger's file, behind walls, and say what its end means."""

import errno
import os
from collections.abc import Callable, Sequence

from media import sandbox
from media.probing import facts
from media.probing.facts import UnplayableRecording
from media.programs import ffmpeg_path
from media.sandbox import CommandArgument, ProgramResult, ResourceLimits, SandboxMounts

KILL_EXIT_CODES = frozenset({-9, -15, 137, 143})  # by the machine or its keeper, not by the file


NO_SPACE_MESSAGE = os.strerror(errno.ENOSPC)  # as ffmpeg says it too


class DiskFull(Exception):
    """There was no room for what was made; it says nothing about the file, and is worth trying again."""


class ProgramKilled(Exception):
    """The program was killed from outside, as by a machine short of memory; worth trying again."""


def run_ffmpeg(
    args: Sequence[CommandArgument],
    *,
    mounts: SandboxMounts,
    limits: ResourceLimits,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool],
    on_poll: Callable[[], None] | None = None,
) -> ProgramResult:
    """Run ffmpeg to its end, whatever it says about the file.

    Raises
    ------
    Unplayable
        The file keeps it busy for longer than a recording may.
    ProgramKilled, NoSpaceLeft, media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled
        Which say nothing about the file.
    """
    try:
        command = [ffmpeg_path(), *args]
        ran = sandbox.run_in_sandbox(
            command, mounts=mounts, limits=limits, on_line=on_line, is_cancelled=is_cancelled, on_poll=on_poll
        )
    except sandbox.RunTimedOut:
        raise UnplayableRecording(facts.TOO_SLOW_TO_READ) from None
    if ran.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(ran.stderr_tail[-300:])
    if ran.exit_code != 0 and NO_SPACE_MESSAGE in ran.stderr_tail:
        raise DiskFull(ran.stderr_tail[-300:])
    return ran
