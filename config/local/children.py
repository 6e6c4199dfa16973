"""Start a program, keep its words in a log, and see to it that it never outlives us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOG_KEPT_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Looked up before any fork: between fork and exec nothing may be imported or loaded.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class ProgramFailed(Exception):
    """A program ended, or stayed silent, when it should have been at work."""

    def __init__(self, name: str, problem: str, *, log: Path) -> None:
        super().__init__(f"{name} {problem}. What it said last ({log}):\n{last_lines(log)}")
        self.name = name
        self.log = log


@dataclass(frozen=True)
class Program:
    """What to run and how to part from it."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: int | None = None
    niceness: int = 0
    farewell: signal.Signals = signal.SIGTERM
    when_orphaned: signal.Signals = signal.SIGKILL


class Child:
    """A running program in a process group of its own.

    The kernel sends `when_orphaned` to it when the thread that started it ends, so start children from the main
    thread only.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _set_old_words_aside(program.log)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=dict(program.environment),
                user=program.user,
                group=program.user,
                extra_groups=None if program.user is None else [],
                start_new_session=True,
                # Runs after the change of user, which would have cleared the parent-death signal. The code is a
                # prctl and a nice call: safe between fork and exec.
                preexec_fn=_last_words_before_exec(program),  # noqa: PLW1509
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def alive(self) -> bool:
        return self.exit_code is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return as soon as `ready` says so; raise ProgramFailed if it ends first or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise ProgramFailed(
                    self.program.name, f"ended with exit code {self.exit_code}", log=self.program.log
                )
            if time.monotonic() > deadline:
                raise ProgramFailed(
                    self.program.name, f"was not ready after {seconds:.0f} s", log=self.program.log
                )
            time.sleep(0.05)

    def finish(self, *, seconds: float) -> int:
        """Wait for a program that ends by itself and return its exit code."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProgramFailed(
                self.program.name, f"was not done after {seconds:.0f} s", log=self.program.log
            ) from None

    def ask_to_stop(self) -> None:
        if self.alive:
            self._process.send_signal(self.program.farewell)

    def stop(self, *, grace: float = 8.0) -> None:
        """Ask, wait `grace` seconds, then end whatever is left of its process group."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace)
        self.kill()

    def kill(self) -> None:
        # Nobody may be left in the group; macOS says "not permitted" of a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def last_lines(log: Path, *, count: int = 15) -> str:
    try:
        words = log.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(words.splitlines()[-count:])


def _set_old_words_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".old.log"))


def _last_words_before_exec(program: Program) -> Callable[[], None]:
    parent = os.getpid()

    def between_fork_and_exec() -> None:
        if program.niceness:
            os.nice(program.niceness)
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(program.when_orphaned), 0, 0, 0)
            if os.getppid() != parent:  # it died before we could ask to be told
                os._exit(1)

    return between_fork_and_exec
