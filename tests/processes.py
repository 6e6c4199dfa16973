"""Who runs below a process, and how to end all of it at once."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from media.programs import ffmpeg_path


def child_pids(pid: int) -> list[int]:
    """Return the processes that a process started and that still run; none if it has ended itself."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descendant_pids(pid: int) -> list[int]:
    """Return children, their children, and so on."""
    return [one for child in child_pids(pid) for one in (child, *descendant_pids(child))]


def command_line_of(pid: int) -> list[str]:
    """Return the command line of a process; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def decoder_pids(pid: int) -> list[int]:
    """Return what runs below a process to read strangers' files, behind walls or without."""
    marks = {"/program", str(ffmpeg_path())}
    return [one for one in descendant_pids(pid) if marks & set(command_line_of(one))]


def kill_process_tree(pid: int) -> None:
    """Kill a process and what it started, as a machine that loses its power would."""
    for child in child_pids(pid):
        kill_process_tree(child)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
