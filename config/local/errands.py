"""Commands that run once beside everything else, one after the other."""

from collections import deque
from collections.abc import Callable

from config.local.children import Child, Program

Done = Callable[[Child], None]


class Errands:
    """A line of programs; `look` is to be called every now and then, and starts the next when one has ended."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Program, Done]] = deque()
        self._running: tuple[Child, Done] | None = None

    def add(self, program: Program, *, then: Done) -> None:
        """Put a program in line; `then` hears of its end, good or bad."""
        self._waiting.append((program, then))

    def look(self) -> None:
        if self._running is not None:
            child, then = self._running
            if child.alive:
                return
            self._running = None
            then(child)
        if self._waiting:
            program, then = self._waiting.popleft()
            self._running = (Child(program), then)

    def stop(self) -> None:
        self._waiting.clear()
        if self._running is not None:
            self._running[0].stop(grace=2.0)
            self._running = None
