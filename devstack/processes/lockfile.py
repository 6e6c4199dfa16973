"""Lock file: at most one supervisor per data folder, and its status for `make status` and `make stop`."""

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True)
class SupervisorStatus:
    """Content of the lock file; `children` maps process names to pids, None while a process is down."""

    pid: int
    address: str = ""
    children: dict[str, int | None] = field(default_factory=dict)


class AlreadyRunning(Exception):
    def __init__(self, status: SupervisorStatus) -> None:
        super().__init__(f"Sameboat is already running (process {status.pid})")
        self.status = status


class StopTimedOut(Exception):
    def __init__(self, status: SupervisorStatus) -> None:
        super().__init__(
            f"Process {status.pid} did not stop in time; check what it is doing, or end it with kill -9"
        )
        self.status = status


class LockFile:
    """Held from `acquire` to `release` or the end of the process."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file

    @classmethod
    def acquire(cls, path: Path) -> "LockFile":
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise AlreadyRunning(_read_status(path)) from None
        lock = cls(path, file)
        lock.write_status(SupervisorStatus(os.getpid()))
        return lock

    def write_status(self, status: SupervisorStatus) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump(asdict(status), self._file)
        self._file.flush()

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def read_lock_holder(path: Path) -> SupervisorStatus | None:
    """Returns None if the lock is free; a pid left in the file by a crash does not count."""
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_status(path)
    return None


def stop_lock_holder(path: Path, *, seconds: float = 45.0) -> SupervisorStatus | None:
    """Send SIGTERM to the lock holder and wait until the lock is free. Raises StopTimedOut."""
    status = read_lock_holder(path)
    if status is None:
        return None
    os.kill(status.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while read_lock_holder(path) is not None:
        if time.monotonic() > deadline:
            raise StopTimedOut(status)
        time.sleep(0.1)
    return status


def _read_status(path: Path) -> SupervisorStatus:
    """Retries while the holder is writing. Raises UnreadableLockFile."""
    for _ in range(20):
        try:
            return SupervisorStatus(**json.loads(path.read_text()))
        except json.JSONDecodeError:
            time.sleep(0.05)
    raise UnreadableLockFile(path)


class UnreadableLockFile(Exception):
    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is locked but does not name its holder")
        self.path = path
