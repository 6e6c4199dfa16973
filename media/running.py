"""Run ffmpeg on a stranger's file, behind walls, and say what its end means."""

import errno
import os
from collections.abc import Callable, Sequence

from media import probe, sandbox
from media.probe import Unplayable
from media.programs import ffmpeg_path
from media.sandbox import Limits, Ran, Room, Word

KILLED = frozenset({-9, -15, 137, 143})  # by the machine or its keeper, not by the file


NO_SPACE = os.strerror(errno.ENOSPC)  # as ffmpeg says it too


class NoSpaceLeft(Exception):
    """There was no room for what was made; it says nothing about the file, and is worth trying again."""


class ProgramKilled(Exception):
    """The program was killed from outside, as by a machine short of memory; worth trying again."""


def run_ffmpeg(
    words: Sequence[Word],
    *,
    room: Room,
    limits: Limits,
    hear: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool],
    meanwhile: Callable[[], None] | None = None,
) -> Ran:
    """Run ffmpeg to its end, whatever it says about the file.

    Raises
    ------
    Unplayable
        The file keeps it busy for longer than a recording may.
    ProgramKilled, NoSpaceLeft, media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled
        Which say nothing about the file.
    """
    try:
        command = [ffmpeg_path(), *words]
        ran = sandbox.run(
            command, room=room, limits=limits, hear=hear, cancelled=cancelled, meanwhile=meanwhile
        )
    except sandbox.RanTooLong:
        raise Unplayable(probe.TOO_HEAVY) from None
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    if ran.code != 0 and NO_SPACE in ran.complaints:
        raise NoSpaceLeft(ran.complaints[-300:])
    return ran
