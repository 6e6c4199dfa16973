"""Base class for server processes."""

import time
from abc import ABC, abstractmethod
from pathlib import Path

from devstack.subprocesses import ChildProcess, ProcessFailed, ProcessSpec

# Locks and sockets of a killed server may take a moment to clear.
START_RETRY_SECONDS = 10.0


class Server(ABC):
    name: str

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder
        self.log = log
        self._child: ChildProcess | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Create files before each start; idempotent."""

    @abstractmethod
    def process_spec(self) -> ProcessSpec:
        """Command, environment and signals of the process."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server accepts requests."""

    @abstractmethod
    def provided_env(self) -> dict[str, str]:
        """Environment variables, without prefix, through which Sameboat finds the server."""

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
        """Return without waiting, so that several servers can start in parallel."""
        self.prepare()
        self._child = ChildProcess(self.process_spec())

    def wait_until_ready(self, *, seconds: float = 30.0) -> None:
        """Restart the server if it exits within START_RETRY_SECONDS. Raises ProcessFailed."""
        deadline = time.monotonic() + START_RETRY_SECONDS
        while True:
            if self._child is None:
                self.start()
            assert self._child is not None  # noqa: S101 - start() has just set it
            try:
                self._child.wait_until(self.is_ready, seconds=seconds)
            except ProcessFailed:
                if self._child.is_alive or time.monotonic() > deadline:
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
        """SIGKILL, without a clean shutdown."""
        if self._child is not None:
            self._child.kill()
            self._child = None
