"""Run a program on a file that a stranger made: behind walls, under limits, for a bounded time.

The walls are bubblewrap's: no network, no other processes, nothing of this machine but system libraries, the
files named and one folder to write to. The limits are the kernel's. A development machine without bubblewrap may run
with the limits alone (`SAMEBOAT_SANDBOX=preferred`); anywhere else there is no decoding without walls.

Commands are lists of words and paths. A path names a file of this machine, and is turned into the name it has
inside; a path that was not put into the room is a mistake of the caller and stops before anything runs.
"""

import contextlib
import logging
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from media.programs import ProgramNotInstalled, bwrap_path, prlimit_path

logger = logging.getLogger(__name__)

CommandArgument = str | Path

POLL_SECONDS = 0.5  # seconds between two looks at the clock and at whether somebody cancelled
READ_BLOCK_BYTES = 64 * 1024
STDERR_TAIL_BYTES = 64 * 1024  # of what a program says on stderr: the end of it
MAX_LINE_BYTES = 4 * 1024**2  # of one line on stdout; a longer one is nothing that we asked for
NOBODY_UID = "65534"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
KILL_EXIT_CODES = frozenset({-9, -15, 137, 143})  # SIGKILL or SIGTERM from outside
NICENESS = "10"  # people who watch come before recordings that are being prepared
SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/alternatives")


_verified_bwrap_paths: set[str] = set()


class SandboxUnavailable(Exception):
    """There are no walls to decode behind on this machine, and the settings require them."""


class RunTimedOut(Exception):
    """The program did not finish within its time and was stopped."""


class ProgramKilled(Exception):
    """The program was killed from outside, for example by the kernel's out-of-memory killer; worth a retry."""


class RunCancelled(Exception):
    """Somebody no longer wants the result; the program was stopped."""


@dataclass(frozen=True)
class ResourceLimits:
    """What one run may take. `memory` is address space, of which a threaded encoder reserves more than it uses."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int = 6 * 1024**3
    file_bytes: int = 4 * 1024**3


@dataclass(frozen=True)
class SandboxMounts:
    """What a program finds inside: a file to read, a folder to write to, and parts of its own where they are."""

    source: Path | None = None
    out: Path | None = None
    read_only_paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class ProgramResult:
    exit_code: int
    stderr_tail: str


def run_in_sandbox(
    command: Sequence[CommandArgument],
    *,
    mounts: SandboxMounts,
    limits: ResourceLimits,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    on_poll: Callable[[], None] | None = None,
) -> ProgramResult:
    """Run a program in a room and hand each line of its stdout to `hear`; about twice a second do something meanwhile.

    Raises
    ------
    SandboxUnavailable, RanTooLong, RunCancelled
        And whatever `hear`, `cancelled` or `meanwhile` raises; in every case all processes of the run are gone.
    """
    words = [
        *_prlimit_command(limits),
        *(
            _bubblewrap_command(command, mounts)
            if is_bubblewrap_working()
            else _unsandboxed_command(command, mounts)
        ),
    ]
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        start_new_session=True,  # its own process group, so that one signal reaches all of it
        close_fds=True,
    )
    with process:
        try:
            complaints = _read_output(process, _Watchdog(limits.wall_seconds, is_cancelled, on_poll), on_line)
        finally:
            _kill_process_group(process)
    return ProgramResult(process.returncode, complaints)


def is_bubblewrap_working() -> bool:
    """Whether bubblewrap works here; raises SandboxUnavailable where it has to and does not."""
    if str(settings.BWRAP) in _verified_bwrap_paths:
        return True
    problem = find_bubblewrap_problem()
    if problem is None:
        # Only the good news is kept: a machine that was merely busy is asked again.
        _verified_bwrap_paths.add(str(settings.BWRAP))
        return True
    if settings.SANDBOX != "preferred":
        raise SandboxUnavailable(problem)
    logger.warning("decoding without walls, with limits only: %s", problem)
    return False


def find_bubblewrap_problem() -> str | None:
    """Return None where the walls hold, else in words what is wrong with them.

    Builds them around a shell that looks for files of ours: it must start, and must not find them.
    """
    shell = Path("/bin/sh").resolve()
    look: list[CommandArgument] = [
        shell,
        "-c",
        f"test ! -e '{settings.BASE_DIR}/config' && test ! -e /etc/passwd",
    ]
    try:
        words = [
            *_prlimit_command(ResourceLimits(wall_seconds=20, cpu_seconds=20)),
            *_bubblewrap_command(look, SandboxMounts()),
        ]
        tried = subprocess.run(
            words, capture_output=True, timeout=20, check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL
        )
    except ProgramNotInstalled as error:
        return str(error)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if tried.returncode == 0:
        return None
    said = tried.stderr.decode(errors="replace").strip()[-300:]
    return f"bubblewrap does not hold: {said or 'it sees our files'}"


def _bubblewrap_command(command: Sequence[CommandArgument], mounts: SandboxMounts) -> list[str]:
    program, *arguments = command
    words = [str(bwrap_path()), "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL"]
    words += [
        "--uid",
        NOBODY_UID,
        "--gid",
        NOBODY_UID,
        "--clearenv",
        "--setenv",
        "LC_ALL",
        "C.UTF-8",
        "--hostname",
        "room",
    ]
    for library in SYSTEM_LIBRARIES:
        words += ["--ro-bind-try", library, library]
    # The empty folders come first, or they would hide parts of a house that stands in a temporary folder.
    words += ["--size", str(16 * 1024**2), "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc"]  # noqa: S108 - inside
    for part in mounts.read_only_paths:
        words += ["--ro-bind", str(part), str(part)]
    words += ["--ro-bind", str(program), "/program"]
    if mounts.source is not None:
        words += ["--ro-bind", str(mounts.source), "/in/source"]
    if mounts.out is not None:
        words += ["--bind", str(mounts.out), "/out", "--chdir", "/out"]
    return [*words, "--", "/program", *(_path_in_sandbox(word, mounts) for word in arguments)]


def _path_in_sandbox(word: CommandArgument, mounts: SandboxMounts) -> str:
    if isinstance(word, str):
        return word
    if word == mounts.source:
        return "/in/source"
    if mounts.out is not None and word.is_relative_to(mounts.out):
        return str(Path("/out") / word.relative_to(mounts.out))
    if any(word.is_relative_to(part) for part in mounts.read_only_paths):
        return str(word)
    raise ValueError(f"{word} was not put into the room")


def _unsandboxed_command(command: Sequence[CommandArgument], mounts: SandboxMounts) -> list[str]:
    for word in command[1:]:
        _path_in_sandbox(word, mounts)
    return [str(word) for word in command]


def _prlimit_command(limits: ResourceLimits) -> list[str]:
    return [
        *("nice", "-n", NICENESS),
        str(prlimit_path()),
        f"--cpu={limits.cpu_seconds}",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        "--nofile=256",
        "--core=0",
        "--",
    ]


class _Watchdog:
    """Minds the clock, and asks now and then whether the result is still wanted."""

    def __init__(
        self,
        wall_seconds: float,
        is_cancelled: Callable[[], bool] | None,
        on_poll: Callable[[], None] | None,
    ) -> None:
        self._until = time.monotonic() + wall_seconds
        self._cancelled = is_cancelled
        self._meanwhile = on_poll
        self._next_look = 0.0

    def poll(self) -> None:
        now = time.monotonic()
        if now > self._until:
            raise RunTimedOut
        if now < self._next_look:
            return
        self._next_look = now + POLL_SECONDS
        if self._cancelled is not None and self._cancelled():
            raise RunCancelled
        if self._meanwhile is not None:
            self._meanwhile()


def _read_output(
    process: subprocess.Popen[bytes], watch: _Watchdog, on_line: Callable[[str], None] | None
) -> str:
    """Read both streams until they end; return the end of what was said on stderr."""
    waiting, complaints = b"", b""
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(_require_pipe(stream), selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(timeout=POLL_SECONDS)
            watch.poll()
            for key, _ in ready:
                piece = os.read(key.fd, READ_BLOCK_BYTES)
                if not piece:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    complaints = (complaints + piece)[-STDERR_TAIL_BYTES:]
                else:
                    waiting = _emit_lines(waiting + piece, on_line)
    # A program may close its streams and go on.
    while process.poll() is None:
        watch.poll()
        time.sleep(POLL_SECONDS / 4)
    return complaints.decode("utf-8", errors="replace")


def _emit_lines(heard: bytes, on_line: Callable[[str], None] | None) -> bytes:
    """Hand over whole lines and return what is left of the last one."""
    *lines, rest = heard.split(b"\n")
    if on_line is not None:
        for line in lines:
            on_line(line.decode("utf-8", errors="replace"))
    return rest[-MAX_LINE_BYTES:]


def _require_pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the program was started without pipes")
    return stream


def _kill_process_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the group; inside, bubblewrap's first process dies with it and takes its name space along."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
