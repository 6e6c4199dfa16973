"""One supervisor for one folder: who holds the lock runs, and the lock file says what others want to know."""

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
    """What a supervisor says of itself while it holds the lock."""

    pid: int
    address: str = ""
    children: dict[str, int | None] = field(default_factory=dict)


class AlreadyRunning(Exception):
    """Another supervisor holds the lock."""

    def __init__(self, running: SupervisorStatus) -> None:
        super().__init__(f"Sameboat is already running (process {running.pid})")
        self.status = running


class StopTimedOut(Exception):
    """It was asked to stop and still holds the lock."""

    def __init__(self, running: SupervisorStatus) -> None:
        super().__init__(f"Process {running.pid} has not stopped; look at it, or end it with kill -9")
        self.status = running


class LockFile:
    """The lock, held from `take` until the process ends or lets go."""

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
        claim = cls(path, file)
        claim.write_status(SupervisorStatus(os.getpid()))
        return claim

    def write_status(self, running: SupervisorStatus) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump(asdict(running), self._file)
        self._file.flush()

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def read_lock_holder(path: Path) -> SupervisorStatus | None:
    """Tell who holds the lock. A file left behind by a crash holds none, whatever number stands in it."""
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_status(path)
    return None


def stop_lock_holder(path: Path, *, seconds: float = 45.0) -> SupervisorStatus | None:
    """Ask the holder of the lock to stop, and return once the lock is free."""
    running = read_lock_holder(path)
    if running is None:
        return None
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while read_lock_holder(path) is not None:
        if time.monotonic() > deadline:
            raise StopTimedOut(running)
        time.sleep(0.1)
    return running


def _read_status(path: Path) -> SupervisorStatus:
    """Read what the holder wrote; it may be in the middle of writing."""
    for _ in range(20):
        try:
            return SupervisorStatus(**json.loads(path.read_text()))
        except json.JSONDecodeError:
            time.sleep(0.05)
    raise UnreadableLockFile(path)


class UnreadableLockFile(Exception):
    """The lock is held and the file does not say by whom."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is locked, but does not say by whom")
        self.path = path
