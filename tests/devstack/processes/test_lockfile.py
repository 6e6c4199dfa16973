"""One supervisor for one folder, and only the real one is ever sent a signal."""

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
from devstack.processes.lockfile import Claim
claim = Claim.take(Path(sys.argv[1]))
print("holding", flush=True)
time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "run.lock"


@pytest.fixture
def holder(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK_HOLDER, str(lock)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


def test_nobody_runs_where_nothing_ever_ran(lock: Path) -> None:
    assert read_lock_holder(lock) is None


def test_whoever_holds_the_lock_says_so(lock: Path) -> None:
    claim = LockFile.acquire(lock)
    claim.write_status(SupervisorStatus(os.getpid(), address="http://127.0.0.1:8000", children={"web": 7}))

    assert read_lock_holder(lock) == SupervisorStatus(
        os.getpid(), address="http://127.0.0.1:8000", children={"web": 7}
    )
    claim.release()


def test_the_lock_cannot_be_taken_twice(lock: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(AlreadyRunning) as refusal:
        LockFile.acquire(lock)

    assert refusal.value.status.pid == holder.pid


def test_a_lock_that_was_let_go_can_be_taken_again(lock: Path) -> None:
    LockFile.acquire(lock).release()
    again = LockFile.acquire(lock)

    assert read_lock_holder(lock) == SupervisorStatus(os.getpid())
    again.release()


def test_a_crash_leaves_no_claim_behind(lock: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    assert lock.read_text() != ""
    assert read_lock_holder(lock) is None


def test_stop_ends_the_holder_and_waits_for_it(lock: Path, holder: subprocess.Popen[str]) -> None:
    stopped = stop_lock_holder(lock)

    assert stopped is not None
    assert stopped.pid == holder.pid
    assert holder.wait(timeout=5) == -signal.SIGTERM


def test_stop_leaves_a_process_alone_that_only_has_the_same_number(lock: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        lock.write_text(f'{{"pid": {bystander.pid}, "address": "", "children": {{}}}}')

        assert stop_lock_holder(lock) is None
        assert bystander.poll() is None
        bystander.kill()
