import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack.processes import restarts
from devstack.processes.app_processes import AppProcess


def helper_process(code: str, *, log: Path) -> AppProcess:
    return AppProcess("helper", [sys.executable, "-c", code], environment=dict(os.environ), log=log)


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "helper.log"


@pytest.mark.parametrize(
    ("previous", "ran_for", "delay"),
    [
        (0.0, 0.1, 1.0),
        (1.0, 0.1, 2.0),
        (2.0, 5.0, 4.0),
        (40.0, 5.0, 60.0),
        (60.0, 5.0, 60.0),
        (60.0, 61.0, 1.0),
    ],
)
def test_delay_doubles_up_to_a_minute_and_resets_after_a_stable_minute(
    previous: float, ran_for: float, delay: float
) -> None:
    assert restarts.next_restart_delay(previous, ran_for=ran_for) == delay


def test_a_running_process_is_not_restarted(log: Path) -> None:
    helper = helper_process("import time; time.sleep(60)", log=log)
    helper.start()
    pid = helper.pid
    output: list[str] = []

    assert not restarts.RestartMonitor([helper], print_line=output.append).poll()
    assert helper.pid == pid
    assert output == []
    helper.kill()


def test_a_killed_process_is_restarted_and_reported(log: Path) -> None:
    helper = helper_process("import time; print('here', flush=True); time.sleep(60)", log=log)
    helper.start()
    first_pid = helper.pid
    assert first_pid is not None
    output: list[str] = []
    monitor = restarts.RestartMonitor([helper], print_line=output.append)

    os.kill(first_pid, 9)
    assert wait_until(lambda: monitor.poll() and helper.is_alive)

    assert helper.pid != first_pid
    assert "exited with code -9" in output[0]
    assert str(log) in output[0]
    assert output[-1] == "helper is restarting"
    helper.kill()


def test_a_crashing_process_is_restarted_with_delays(log: Path) -> None:
    helper = helper_process("print('try', flush=True)", log=log)
    helper.start()
    monitor = restarts.RestartMonitor([helper], print_line=lambda _line: None)

    wait_until(lambda: monitor.poll() and False, seconds=2.0)

    assert log.read_text().count("try") <= 2
    helper.kill()
