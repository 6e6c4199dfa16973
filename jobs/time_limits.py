"""How long work of one kind may take: first it is interrupted, and if it does not listen its process is ended."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class JobTimedOut(Exception):
    """The work took longer than work of its kind may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:g} s")
        self.seconds = seconds


@contextmanager
def enforce_time_limits(soft_seconds: float, hard_seconds: float) -> Iterator[None]:
    """Raise TookTooLong in here after `soft` seconds, and end this process after `hard`.

    A worker hears a ring before it knows what kind of work will be its turn, so the limits that go with a message
    cannot be those of the work. Outside the main thread, where no signal arrives, nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    rang = False

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        nonlocal rang
        if rang:
            # The lease runs out, somebody else takes the job up, and the pool starts a process in place of this one.
            os.kill(os.getpid(), signal.SIGKILL)
        rang = True
        raise JobTimedOut(soft_seconds)

    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, soft_seconds, hard_seconds - soft_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
