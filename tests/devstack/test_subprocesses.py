import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.paths import ROOT
from devstack.subprocesses import (
    LOG_ROTATE_BYTES,
    ChildProcess,
    ProcessFailed,
    ProcessSpec,
    log_tail,
)

_IGNORES_SIGTERM = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(grandchild.pid, flush=True)
time.sleep(60)
"""
_DYING_PARENT = """
import os, signal, sys
from pathlib import Path
from devstack.subprocesses import ChildProcess, ProcessSpec
sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
child = ChildProcess(ProcessSpec("sleeper", sleeper, Path(sys.argv[1])))
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def python_process(code: str, *, log: Path, niceness: int = 0) -> ProcessSpec:
    command = [sys.executable, "-c", code]
    return ProcessSpec("python", command, log, environment=dict(os.environ), niceness=niceness)


def is_running(pid: int) -> bool:
    """A zombie counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int, *, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "child.log"


def test_stdout_and_stderr_go_to_the_log(log: Path) -> None:
    child = ChildProcess(python_process("import sys; print('one'); sys.stderr.write('two\\n')", log=log))

    assert child.wait_for_exit(seconds=10) == 0
    assert sorted(log.read_text().split()) == ["one", "two"]


def test_an_early_exit_raises_with_the_end_of_the_log(log: Path) -> None:
    child = ChildProcess(python_process("raise SystemExit('no disk left')", log=log))

    with pytest.raises(ProcessFailed, match="no disk left"):
        child.wait_until(lambda: False, seconds=10)


def test_a_child_that_is_never_ready_raises(log: Path) -> None:
    child = ChildProcess(python_process("import time; time.sleep(60)", log=log))

    with pytest.raises(ProcessFailed, match="not ready"):
        child.wait_until(lambda: False, seconds=0.2)
    child.kill()


def test_a_child_that_exceeds_its_timeout_is_killed(log: Path) -> None:
    child = ChildProcess(python_process("import time; time.sleep(60)", log=log))

    with pytest.raises(ProcessFailed, match="did not finish"):
        child.wait_for_exit(seconds=0.2)
    assert not child.is_alive


def test_a_child_that_handles_the_stop_signal_is_not_killed(log: Path) -> None:
    code = "import signal,sys,time; signal.signal(15, lambda *_: sys.exit(3)); print('up', flush=True); time.sleep(60)"
    child = ChildProcess(python_process(code, log=log))
    child.wait_until(lambda: "up" in log_tail(log), seconds=10)

    child.stop(grace=5)

    assert child.exit_code == 3


def test_a_child_that_ignores_the_stop_signal_is_killed_with_its_process_group(log: Path) -> None:
    child = ChildProcess(python_process(_IGNORES_SIGTERM, log=log))
    child.wait_until(lambda: log_tail(log) != "", seconds=10)
    grandchild = int(log_tail(log))

    child.stop(grace=0.2)

    assert not child.is_alive
    assert wait_until_gone(grandchild)


def test_stop_is_idempotent(log: Path) -> None:
    child = ChildProcess(python_process("pass", log=log))
    child.wait_for_exit(seconds=10)

    child.stop()
    child.stop()

    assert child.exit_code == 0


def test_a_child_dies_when_its_parent_is_killed(log: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", _DYING_PARENT, str(log)], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert parent.returncode == -signal.SIGKILL
    assert wait_until_gone(int(parent.stdout))


def test_niceness_is_applied(log: Path) -> None:
    child = ChildProcess(python_process("import os; print(os.nice(0))", log=log, niceness=7))

    assert child.wait_for_exit(seconds=10) == 0
    assert int(log.read_text()) == os.nice(0) + 7


def test_a_large_log_is_rotated_at_the_next_start(log: Path) -> None:
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_ROTATE_BYTES + 1))

    ChildProcess(python_process("print('fresh')", log=log)).wait_for_exit(seconds=10)

    assert log.read_text() == "fresh\n"
    assert log.with_suffix(".old.log").stat().st_size > LOG_ROTATE_BYTES


def test_log_tail_of_a_missing_file_is_empty(log: Path) -> None:
    assert log_tail(log) == ""
