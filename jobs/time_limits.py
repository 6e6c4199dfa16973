"""Soft and hard time limits for jobs: an exception first, then SIGKILL."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class JobTimedOut(Exception):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"the job took longer than {seconds:g} s")
        self.seconds = seconds


@contextmanager
def enforce_time_limits(soft_seconds: float, hard_seconds: float) -> Iterator[None]:
    """Raise JobTimedOut in the block after `soft_seconds`; kill the process after `hard_seconds`.

    Celery's own limits apply per message, and the kind of job is unknown until the worker leases one. Signals reach only
    the main thread; in other threads there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    was_interrupted = False

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        nonlocal was_interrupted
        if was_interrupted:
            # The lease expires, another worker takes over, and the pool replaces this process.
            os.kill(os.getpid(), signal.SIGKILL)
        was_interrupted = True
        raise JobTimedOut(soft_seconds)

    previous_handler = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, soft_seconds, hard_seconds - soft_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_handler)
