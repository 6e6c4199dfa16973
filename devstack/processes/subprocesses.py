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

LOG_ROTATE_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Looked up before any fork: between fork and exec nothing may be imported or loaded.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A program ended, or stayed silent, when it should have been at work."""

    def __init__(self, name: str, problem: str, *, log: Path) -> None:
        super().__init__(f"{name} {problem}. What it said last ({log}):\n{log_tail(log)}")
        self.name = name
        self.log = log


@dataclass(frozen=True)
class ProcessSpec:
    """What to run and how to part from it."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    working_dir: Path | None = None
    user: int | None = None
    niceness: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    parent_death_signal: signal.Signals = signal.SIGKILL


class ChildProcess:
    """A running program in a process group of its own.

    The kernel sends `when_orphaned` to it when the thread that started it ends, so start children from the main
    thread only.
    """

    def __init__(self, program: ProcessSpec) -> None:
        self.spec = program
        program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _rotate_log(program.log)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.working_dir,
                env=dict(program.environment),
                user=program.user,
                group=program.user,
                extra_groups=None if program.user is None else [],
                start_new_session=True,
                # Runs after the change of user, which would have cleared the parent-death signal. The code is a
                # prctl and a nice call: safe between fork and exec.
                preexec_fn=_make_preexec_fn(program),  # noqa: PLW1509
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def is_alive(self) -> bool:
        return self.exit_code is None

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """Return as soon as `ready` says so; raise ProgramFailed if it ends first or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_alive:
                raise ProcessFailed(
                    self.spec.name, f"ended with exit code {self.exit_code}", log=self.spec.log
                )
            if time.monotonic() > deadline:
                raise ProcessFailed(self.spec.name, f"was not ready after {seconds:.0f} s", log=self.spec.log)
            time.sleep(0.05)

    def wait_for_exit(self, *, seconds: float) -> int:
        """Wait for a program that ends by itself and return its exit code."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessFailed(
                self.spec.name, f"was not done after {seconds:.0f} s", log=self.spec.log
            ) from None

    def send_stop_signal(self) -> None:
        if self.is_alive:
            self._process.send_signal(self.spec.stop_signal)

    def stop(self, *, grace: float = 8.0) -> None:
        """Ask, wait `grace` seconds, then end whatever is left of its process group."""
        self.send_stop_signal()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace)
        self.kill()

    def kill(self) -> None:
        # Nobody may be left in the group; macOS says "not permitted" of a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def log_tail(log: Path, *, count: int = 15) -> str:
    try:
        words = log.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(words.splitlines()[-count:])


def _rotate_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_ROTATE_BYTES:
        log.replace(log.with_suffix(".old.log"))


def _make_preexec_fn(program: ProcessSpec) -> Callable[[], None]:
    parent = os.getpid()

    def between_fork_and_exec() -> None:
        if program.niceness:
            os.nice(program.niceness)
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(program.parent_death_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before we could ask to be told
                os._exit(1)

    return between_fork_and_exec
