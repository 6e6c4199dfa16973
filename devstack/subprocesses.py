"""Starts child processes with a log file, a process group and a parent-death signal."""

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
# Loaded at import time: importing between fork and exec is not safe.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A process exited, or was not ready in time."""

    def __init__(self, name: str, problem: str, *, log: Path) -> None:
        super().__init__(f"{name} {problem}. End of its log ({log}):\n{log_tail(log)}")
        self.name = name
        self.log = log


@dataclass(frozen=True)
class ProcessSpec:
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
    """A running process in its own process group.

    The kernel sends `parent_death_signal` when the thread that started it ends, so start children from the main thread
    only.
    """

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        spec.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _rotate_log(spec.log)
        with spec.log.open("ab") as log:
            self._process = subprocess.Popen(
                spec.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=spec.working_dir,
                env=dict(spec.environment),
                user=spec.user,
                group=spec.user,
                extra_groups=None if spec.user is None else [],
                start_new_session=True,
                # Runs after the change of user, which clears the parent-death signal. Only calls prctl and nice, which
                # are safe between fork and exec.
                preexec_fn=_make_preexec_fn(spec),  # noqa: PLW1509
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
        """Raises ProcessFailed if the process exits first or is not ready in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_alive:
                raise ProcessFailed(self.spec.name, f"exited with code {self.exit_code}", log=self.spec.log)
            if time.monotonic() > deadline:
                raise ProcessFailed(
                    self.spec.name, f"was not ready within {seconds:.0f} s", log=self.spec.log
                )
            time.sleep(0.05)

    def wait_for_exit(self, *, seconds: float) -> int:
        """Returns the exit code. Raises ProcessFailed on timeout."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessFailed(
                self.spec.name, f"did not finish within {seconds:.0f} s", log=self.spec.log
            ) from None

    def send_stop_signal(self) -> None:
        if self.is_alive:
            self._process.send_signal(self.spec.stop_signal)

    def stop(self, *, grace: float = 8.0) -> None:
        """Send the stop signal, wait `grace` seconds, then kill the process group."""
        self.send_stop_signal()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace)
        self.kill()

    def kill(self) -> None:
        # The group may be gone already; macOS raises PermissionError for a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def log_tail(log: Path, *, count: int = 15) -> str:
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def _rotate_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_ROTATE_BYTES:
        log.replace(log.with_suffix(".old.log"))


def _make_preexec_fn(spec: ProcessSpec) -> Callable[[], None]:
    parent = os.getpid()

    def between_fork_and_exec() -> None:
        if spec.niceness:
            os.nice(spec.niceness)
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(spec.parent_death_signal), 0, 0, 0)
            if os.getppid() != parent:  # the parent died before prctl took effect
                os._exit(1)

    return between_fork_and_exec
