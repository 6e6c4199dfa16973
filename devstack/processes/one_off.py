"""Commands that run once beside everything else, one after the other."""

from collections import deque
from collections.abc import Callable

from devstack.processes.subprocesses import ChildProcess, ProcessSpec

OnExit = Callable[[ChildProcess], None]


class OneOffQueue:
    """A line of programs; `look` is to be called every now and then, and starts the next when one has ended."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[ProcessSpec, OnExit]] = deque()
        self._running: tuple[ChildProcess, OnExit] | None = None

    def add_command(self, program: ProcessSpec, *, on_exit: OnExit) -> None:
        """Put a program in line; `then` hears of its end, good or bad."""
        self._waiting.append((program, on_exit))

    def poll(self) -> None:
        if self._running is not None:
            child, then = self._running
            if child.is_alive:
                return
            self._running = None
            then(child)
        if self._waiting:
            program, then = self._waiting.popleft()
            self._running = (ChildProcess(program), then)

    def stop(self) -> None:
        self._waiting.clear()
        if self._running is not None:
            self._running[0].stop(grace=2.0)
            self._running = None
