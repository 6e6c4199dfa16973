"""What every server of ours has in common: it starts, says when it answers, and stops."""

import time
from abc import ABC, abstractmethod
from pathlib import Path

from devstack.processes.subprocesses import ChildProcess, ProcessFailed, ProcessSpec

# A server that was killed can leave a lock or a socket behind that takes a moment to clear.
START_RETRY_SECONDS = 10.0


class Server(ABC):
    """One program that runs until it is stopped."""

    name: str

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder
        self.log = log
        self._child: ChildProcess | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Lay out files before each start; cheap when they are there already."""

    @abstractmethod
    def process_spec(self) -> ProcessSpec:
        """Say what to run."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether it does its work by now."""

    @abstractmethod
    def env_variables(self) -> dict[str, str]:
        """Name the environment variables through which Sameboat finds it."""

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.is_alive

    @property
    def exit_code(self) -> int | None:
        return None if self._child is None else self._child.exit_code

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_alive else None

    def start(self) -> None:
        """Start without waiting, so that several servers can warm up side by side."""
        self.prepare()
        self._child = ChildProcess(self.process_spec())

    def wait_until_ready(self, *, seconds: float = 30.0) -> None:
        """Return once it answers; an early end is tried again for a while."""
        give_up = time.monotonic() + START_RETRY_SECONDS
        while True:
            if self._child is None:
                self.start()
            assert self._child is not None  # noqa: S101 - start() has just set it
            try:
                self._child.wait_until(self.is_ready, seconds=seconds)
            except ProcessFailed:
                if self._child.is_alive or time.monotonic() > give_up:
                    raise
                time.sleep(0.5)
                self._child = None
            else:
                return

    def send_stop_signal(self) -> None:
        if self._child is not None:
            self._child.send_stop_signal()

    def stop(self, *, grace: float = 8.0) -> None:
        if self._child is not None:
            self._child.stop(grace=grace)
            self._child = None

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        if self._child is not None:
            self._child.kill()
            self._child = None
