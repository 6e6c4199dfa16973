"""Who runs below a process, and how to end all of it at once."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from media.programs import ffmpeg_path


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still run; none if it has ended itself."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """Return children, their children, and so on."""
    return [one for child in children(pid) for one in (child, *descendants(child))]


def words_of(pid: int) -> list[str]:
    """Return the command line of a process; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def decoders(pid: int) -> list[int]:
    """Return what runs below a process to read strangers' files, behind walls or without."""
    marks = {"/program", str(ffmpeg_path())}
    return [one for one in descendants(pid) if marks & set(words_of(one))]


def kill_with_children(pid: int) -> None:
    """Kill a process and what it started, as a machine that loses its power would."""
    for child in children(pid):
        kill_with_children(child)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
