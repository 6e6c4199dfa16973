"""A child keeps a log, stops when asked, and never outlives whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.paths import ROOT
from devstack.processes.subprocesses import (
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
from devstack.processes.subprocesses import Child, Program
sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
child = Child(Program("sleeper", sleeper, Path(sys.argv[1])))
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def python_process(code: str, *, log: Path, niceness: int = 0) -> ProcessSpec:
    command = [sys.executable, "-c", code]
    return ProcessSpec("python", command, log, environment=dict(os.environ), niceness=niceness)


def is_running(pid: int) -> bool:
    """A zombie has ended, even if nobody has taken notice yet."""
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


def test_what_a_child_says_is_in_its_log(log: Path) -> None:
    child = ChildProcess(python_process("import sys; print('one'); sys.stderr.write('two\\n')", log=log))

    assert child.wait_for_exit(seconds=10) == 0
    assert sorted(log.read_text().split()) == ["one", "two"]


def test_a_child_that_ends_too_early_is_reported_with_its_last_words(log: Path) -> None:
    child = ChildProcess(python_process("raise SystemExit('no disk left')", log=log))

    with pytest.raises(ProcessFailed, match="no disk left"):
        child.wait_until(lambda: False, seconds=10)


def test_a_child_that_never_gets_ready_is_reported(log: Path) -> None:
    child = ChildProcess(python_process("import time; time.sleep(60)", log=log))

    with pytest.raises(ProcessFailed, match="not ready"):
        child.wait_until(lambda: False, seconds=0.2)
    child.kill()


def test_a_child_that_takes_too_long_to_finish_is_ended(log: Path) -> None:
    child = ChildProcess(python_process("import time; time.sleep(60)", log=log))

    with pytest.raises(ProcessFailed, match="not done"):
        child.wait_for_exit(seconds=0.2)
    assert not child.is_alive


def test_a_child_that_heeds_the_signal_is_not_killed(log: Path) -> None:
    code = "import signal,sys,time; signal.signal(15, lambda *_: sys.exit(3)); print('up', flush=True); time.sleep(60)"
    child = ChildProcess(python_process(code, log=log))
    child.wait_until(lambda: "up" in log_tail(log), seconds=10)

    child.stop(grace=5)

    assert child.exit_code == 3


def test_a_stubborn_child_is_ended_with_its_own_children(log: Path) -> None:
    child = ChildProcess(python_process(_IGNORES_SIGTERM, log=log))
    child.wait_until(lambda: log_tail(log) != "", seconds=10)
    grandchild = int(log_tail(log))

    child.stop(grace=0.2)

    assert not child.is_alive
    assert wait_until_gone(grandchild)


def test_stopping_twice_is_harmless(log: Path) -> None:
    child = ChildProcess(python_process("pass", log=log))
    child.wait_for_exit(seconds=10)

    child.stop()
    child.stop()

    assert child.exit_code == 0


def test_a_child_dies_with_whoever_started_it_even_without_a_word(log: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", _DYING_PARENT, str(log)], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert parent.returncode == -signal.SIGKILL
    assert wait_until_gone(int(parent.stdout))


def test_a_polite_child_runs_at_low_priority(log: Path) -> None:
    child = ChildProcess(python_process("import os; print(os.nice(0))", log=log, niceness=7))

    assert child.wait_for_exit(seconds=10) == 0
    assert int(log.read_text()) == os.nice(0) + 7


def test_a_long_log_is_set_aside_at_the_next_start(log: Path) -> None:
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_ROTATE_BYTES + 1))

    ChildProcess(python_process("print('fresh')", log=log)).wait_for_exit(seconds=10)

    assert log.read_text() == "fresh\n"
    assert log.with_suffix(".old.log").stat().st_size > LOG_ROTATE_BYTES


def test_no_log_means_no_last_words(log: Path) -> None:
    assert log_tail(log) == ""
