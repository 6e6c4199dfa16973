"""Runs programs on untrusted files in a bubblewrap sandbox with resource limits and a timeout.

In the sandbox there is no network, no other process, and no file except system libraries, the given files and one
output folder. A development machine without bubblewrap may run with resource limits only
(`SAMEBOAT_SANDBOX=preferred`); everywhere else nothing is decoded outside the sandbox.

Commands are lists of strings and paths. A `Path` is a host path and is translated to its path in the sandbox; a path
that is not mounted raises ValueError before anything runs.
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

POLL_SECONDS = 0.5  # between checks of the timeout and of cancellation
READ_BLOCK_BYTES = 64 * 1024
STDERR_TAIL_BYTES = 64 * 1024
MAX_LINE_BYTES = 4 * 1024**2  # no expected line on stdout is longer
NOBODY_UID = "65534"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
KILL_EXIT_CODES = frozenset({-9, -15, 137, 143})  # SIGKILL or SIGTERM from outside
NICENESS = "10"  # playback has priority over processing
SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/alternatives")

_verified_bwrap_paths: set[str] = set()


class SandboxUnavailable(Exception):
    """The sandbox does not work on this machine, and the settings require it."""


class RunTimedOut(Exception):
    """The program exceeded its time limit and was stopped."""


class ProgramKilled(Exception):
    """The program was killed from outside, for example by the kernel's out-of-memory killer; worth a retry."""


class RunCancelled(Exception):
    """The run was cancelled and the program stopped."""


@dataclass(frozen=True)
class ResourceLimits:
    """`memory_bytes` limits address space, of which a threaded encoder reserves more than it uses."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int = 6 * 1024**3
    file_bytes: int = 4 * 1024**3


@dataclass(frozen=True)
class SandboxMounts:
    """One file to read, one output folder, and read-only paths that keep their host path in the sandbox."""

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
    """Run a program; `on_line` gets each line of its stdout, `on_poll` is called about twice a second.

    Raises
    ------
    SandboxUnavailable, RunTimedOut, RunCancelled
        And any exception of a callback; in every case all processes of the run are killed.
    """
    build_command = _bubblewrap_command if is_bubblewrap_working() else _unsandboxed_command
    process = subprocess.Popen(
        [*_prlimit_command(limits), *build_command(command, mounts)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        start_new_session=True,  # a process group of its own, so that one signal kills all processes
        close_fds=True,
    )
    with process:
        try:
            stderr_tail = _read_output(
                process, _Watchdog(limits.wall_seconds, is_cancelled, on_poll), on_line
            )
        finally:
            _kill_process_group(process)
    return ProgramResult(process.returncode, stderr_tail)


def is_bubblewrap_working() -> bool:
    """Raise SandboxUnavailable if bubblewrap does not work but the settings require it."""
    if str(settings.BWRAP) in _verified_bwrap_paths:
        return True
    problem = find_bubblewrap_problem()
    if problem is None:
        # Only success is cached: a busy machine may have failed the check by accident.
        _verified_bwrap_paths.add(str(settings.BWRAP))
        return True
    if settings.SANDBOX != "preferred":
        raise SandboxUnavailable(problem)
    logger.warning("decoding without a sandbox, with resource limits only: %s", problem)
    return False


def find_bubblewrap_problem() -> str | None:
    """Return None if the sandbox works, otherwise a description of the problem.

    Runs a shell in the sandbox that must start and must not see our files.
    """
    shell = Path("/bin/sh").resolve()
    script = f"test ! -e '{settings.BASE_DIR}/config' && test ! -e /etc/passwd"
    try:
        command = [
            *_prlimit_command(ResourceLimits(wall_seconds=20, cpu_seconds=20)),
            *_bubblewrap_command([shell, "-c", script], SandboxMounts()),
        ]
        completed = subprocess.run(
            command, capture_output=True, timeout=20, check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL
        )
    except ProgramNotInstalled as error:
        return str(error)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if completed.returncode == 0:
        return None
    stderr = completed.stderr.decode(errors="replace").strip()[-300:]
    return f"bubblewrap does not isolate: {stderr or 'the sandbox can see our files'}"


def _bubblewrap_command(command: Sequence[CommandArgument], mounts: SandboxMounts) -> list[str]:
    program, *arguments = command
    options = [str(bwrap_path()), "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL"]
    options += ["--uid", NOBODY_UID, "--gid", NOBODY_UID, "--hostname", "sandbox"]
    options += ["--clearenv", "--setenv", "LC_ALL", "C.UTF-8"]
    for library in SYSTEM_LIBRARIES:
        options += ["--ro-bind-try", library, library]
    # Empty file systems are mounted first, because they would hide read-only paths below /tmp.
    options += ["--size", str(16 * 1024**2), "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc"]  # noqa: S108 - inside
    for path in mounts.read_only_paths:
        options += ["--ro-bind", str(path), str(path)]
    options += ["--ro-bind", str(program), "/program"]
    if mounts.source is not None:
        options += ["--ro-bind", str(mounts.source), "/in/source"]
    if mounts.out is not None:
        options += ["--bind", str(mounts.out), "/out", "--chdir", "/out"]
    return [*options, "--", "/program", *(_path_in_sandbox(argument, mounts) for argument in arguments)]


def _path_in_sandbox(argument: CommandArgument, mounts: SandboxMounts) -> str:
    if isinstance(argument, str):
        return argument
    if argument == mounts.source:
        return "/in/source"
    if mounts.out is not None and argument.is_relative_to(mounts.out):
        return str(Path("/out") / argument.relative_to(mounts.out))
    if any(argument.is_relative_to(path) for path in mounts.read_only_paths):
        return str(argument)
    raise ValueError(f"{argument} is not mounted in the sandbox")


def _unsandboxed_command(command: Sequence[CommandArgument], mounts: SandboxMounts) -> list[str]:
    for argument in command[1:]:
        _path_in_sandbox(argument, mounts)
    return [str(argument) for argument in command]


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
    """Enforces the time limit and polls for cancellation."""

    def __init__(
        self,
        wall_seconds: float,
        is_cancelled: Callable[[], bool] | None,
        on_poll: Callable[[], None] | None,
    ) -> None:
        self._deadline = time.monotonic() + wall_seconds
        self._is_cancelled = is_cancelled
        self._on_poll = on_poll
        self._next_poll = 0.0

    def poll(self) -> None:
        now = time.monotonic()
        if now > self._deadline:
            raise RunTimedOut
        if now < self._next_poll:
            return
        self._next_poll = now + POLL_SECONDS
        if self._is_cancelled is not None and self._is_cancelled():
            raise RunCancelled
        if self._on_poll is not None:
            self._on_poll()


def _read_output(
    process: subprocess.Popen[bytes], watchdog: _Watchdog, on_line: Callable[[str], None] | None
) -> str:
    """Read both streams to their end and return the tail of stderr."""
    unfinished_line, stderr_tail = b"", b""
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(_require_pipe(stream), selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(timeout=POLL_SECONDS)
            watchdog.poll()
            for key, _ in ready:
                block = os.read(key.fd, READ_BLOCK_BYTES)
                if not block:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    stderr_tail = (stderr_tail + block)[-STDERR_TAIL_BYTES:]
                else:
                    unfinished_line = _emit_lines(unfinished_line + block, on_line)
    # A program may close its streams and keep running.
    while process.poll() is None:
        watchdog.poll()
        time.sleep(POLL_SECONDS / 4)
    return stderr_tail.decode("utf-8", errors="replace")


def _emit_lines(buffer: bytes, on_line: Callable[[str], None] | None) -> bytes:
    """Emit complete lines and return the unfinished one."""
    *lines, unfinished_line = buffer.split(b"\n")
    if on_line is not None:
        for line in lines:
            on_line(line.decode("utf-8", errors="replace"))
    return unfinished_line[-MAX_LINE_BYTES:]


def _require_pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process has no pipes")
    return stream


def _kill_process_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the group: when bubblewrap dies, the kernel kills every process in its PID namespace."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
