"""One supervisor per folder; only the lock holder is ever sent a signal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.paths import ROOT
from devstack.processes.lockfile import (
    AlreadyRunning,
    LockFile,
    SupervisorStatus,
    read_lock_holder,
    stop_lock_holder,
)

_LOCK_HOLDER = """
import sys, time
from pathlib import Path
from devstack.processes.lockfile import LockFile
lock = LockFile.acquire(Path(sys.argv[1]))
print("holding", flush=True)
time.sleep(60)
"""


@pytest.fixture
def lock_path(tmp_path: Path) -> Path:
    return tmp_path / "run.lock"


@pytest.fixture
def holder(lock_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK_HOLDER, str(lock_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


def test_a_missing_lock_file_has_no_holder(lock_path: Path) -> None:
    assert read_lock_holder(lock_path) is None


def test_the_lock_file_contains_the_holders_status(lock_path: Path) -> None:
    held_lock = LockFile.acquire(lock_path)
    held_lock.write_status(
        SupervisorStatus(os.getpid(), address="http://127.0.0.1:8000", children={"web": 7})
    )

    assert read_lock_holder(lock_path) == SupervisorStatus(
        os.getpid(), address="http://127.0.0.1:8000", children={"web": 7}
    )
    held_lock.release()


def test_acquiring_a_held_lock_raises(lock_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(AlreadyRunning) as error:
        LockFile.acquire(lock_path)

    assert error.value.status.pid == holder.pid


def test_a_released_lock_can_be_acquired_again(lock_path: Path) -> None:
    LockFile.acquire(lock_path).release()
    held_lock = LockFile.acquire(lock_path)

    assert read_lock_holder(lock_path) == SupervisorStatus(os.getpid())
    held_lock.release()


def test_a_crashed_holder_does_not_keep_the_lock(lock_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    assert lock_path.read_text() != ""
    assert read_lock_holder(lock_path) is None


def test_stop_terminates_the_holder_and_waits_for_it(lock_path: Path, holder: subprocess.Popen[str]) -> None:
    stopped = stop_lock_holder(lock_path)

    assert stopped is not None
    assert stopped.pid == holder.pid
    assert holder.wait(timeout=5) == -signal.SIGTERM


def test_stop_does_not_signal_a_process_with_a_reused_pid(lock_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        lock_path.write_text(f'{{"pid": {bystander.pid}, "address": "", "children": {{}}}}')

        assert stop_lock_holder(lock_path) is None
        assert bystander.poll() is None
        bystander.kill()
