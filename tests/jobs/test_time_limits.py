import os
import signal
import time

import pytest

from jobs.time_limits import JobTimedOut, enforce_time_limits


def test_work_that_takes_too_long_is_interrupted() -> None:
    began = time.monotonic()
    with pytest.raises(JobTimedOut, match=r"longer than 0\.1 s"), enforce_time_limits(0.1, 5):
        time.sleep(5)
    assert time.monotonic() - began < 2


def test_nothing_rings_after_work_that_ended_in_time() -> None:
    with enforce_time_limits(0.1, 0.2):
        pass
    time.sleep(0.3)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_a_process_whose_work_does_not_listen_is_ended() -> None:
    child = os.fork()
    if child == 0:
        with enforce_time_limits(0.1, 0.3):
            until = time.monotonic() + 10
            while time.monotonic() < until:
                try:
                    time.sleep(10)
                except JobTimedOut:
                    continue
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
