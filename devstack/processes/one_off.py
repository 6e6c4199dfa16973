"""Runs one-off commands sequentially in the background of the supervisor."""

from collections import deque
from collections.abc import Callable

from devstack.subprocesses import ChildProcess, ProcessSpec

OnExit = Callable[[ChildProcess], None]


class OneOffQueue:
    """Call `poll` regularly: it starts the next command when the current one has exited."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[ProcessSpec, OnExit]] = deque()
        self._running: tuple[ChildProcess, OnExit] | None = None

    def add_command(self, spec: ProcessSpec, *, on_exit: OnExit) -> None:
        """`on_exit` is called after the command exits, with any exit code."""
        self._waiting.append((spec, on_exit))

    def poll(self) -> None:
        if self._running is not None:
            child, on_exit = self._running
            if child.is_alive:
                return
            self._running = None
            on_exit(child)
        if self._waiting:
            spec, on_exit = self._waiting.popleft()
            self._running = (ChildProcess(spec), on_exit)

    def stop(self) -> None:
        self._waiting.clear()
        if self._running is not None:
            self._running[0].stop(grace=2.0)
            self._running = None
