"""Inspects and kills process trees."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from media.programs import ffmpeg_path


def child_pids(pid: int) -> list[int]:
    """Empty if the process has ended."""
    pids: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            pids += [int(child) for child in (task / "children").read_text().split()]
    return pids


def descendant_pids(pid: int) -> list[int]:
    return [descendant for child in child_pids(pid) for descendant in (child, *descendant_pids(child))]


def command_line_of(pid: int) -> list[str]:
    """Empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def decoder_pids(pid: int) -> list[int]:
    """Descendants that decode uploaded files, sandboxed or not."""
    commands = {"/program", str(ffmpeg_path())}
    return [descendant for descendant in descendant_pids(pid) if commands & set(command_line_of(descendant))]


def kill_process_tree(pid: int) -> None:
    """SIGKILL the process and its descendants, as a power failure would."""
    for child in child_pids(pid):
        kill_process_tree(child)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
