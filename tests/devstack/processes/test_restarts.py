"""Whoever ends by itself is started again, each time a little later."""

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


def wait_until(happened: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "helper.log"


@pytest.mark.parametrize(
    ("previous", "ran_for", "pause"),
    [
        (0.0, 0.1, 1.0),
        (1.0, 0.1, 2.0),
        (2.0, 5.0, 4.0),
        (40.0, 5.0, 60.0),
        (60.0, 5.0, 60.0),
        (60.0, 61.0, 1.0),
    ],
)
def test_pauses_double_up_to_a_minute_and_a_good_minute_forgives_all(
    previous: float, ran_for: float, pause: float
) -> None:
    assert restarts.next_restart_delay(previous, ran_for=ran_for) == pause


def test_a_healthy_process_is_left_alone(log: Path) -> None:
    helper = helper_process("import time; time.sleep(60)", log=log)
    helper.start()
    pid = helper.pid
    said: list[str] = []

    assert not restarts.RestartMonitor([helper], print_line=said.append).poll()
    assert helper.pid == pid
    assert said == []
    helper.kill()


def test_a_process_that_ended_is_started_again_and_everybody_hears_of_it(log: Path) -> None:
    helper = helper_process("import time; print('here', flush=True); time.sleep(60)", log=log)
    helper.start()
    first = helper.pid
    assert first is not None
    said: list[str] = []
    looks = restarts.RestartMonitor([helper], print_line=said.append)

    os.kill(first, 9)
    assert wait_until(lambda: looks.poll() and helper.is_alive)

    assert helper.pid != first
    assert "exit code -9" in said[0]
    assert str(log) in said[0]
    assert said[-1] == "helper is starting again"
    helper.kill()


def test_a_process_that_cannot_stay_up_is_not_started_in_a_frenzy(log: Path) -> None:
    helper = helper_process("print('try', flush=True)", log=log)
    helper.start()
    looks = restarts.RestartMonitor([helper], print_line=lambda _line: None)

    wait_until(lambda: looks.poll() and False, seconds=2.0)

    assert log.read_text().count("try") <= 2
    helper.kill()
