import os
import signal
import time

import pytest

from jobs.time_limits import JobTimedOut, enforce_time_limits


def test_exceeding_the_soft_limit_raises() -> None:
    started_at = time.monotonic()
    with pytest.raises(JobTimedOut, match=r"longer than 0\.1 s"), enforce_time_limits(0.1, 5):
        time.sleep(5)
    assert time.monotonic() - started_at < 2


def test_the_alarm_is_cleared_when_the_block_ends_in_time() -> None:
    with enforce_time_limits(0.1, 0.2):
        pass
    time.sleep(0.3)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_ignoring_the_soft_limit_kills_the_process() -> None:
    child_pid = os.fork()
    if child_pid == 0:
        with enforce_time_limits(0.1, 0.3):
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    time.sleep(10)
                except JobTimedOut:
                    continue
        os._exit(0)
    _, status = os.waitpid(child_pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
