"""Notice a process that ended and start it again, each time a little later."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config.local.parts.server import Server

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
# Whoever has run this long is well again, and its next end counts as the first.
WELL_AFTER = 60.0


@dataclass
class _Patient:
    server: Server
    started: float
    pause: float = 0.0
    due: float | None = None


def pause_after(previous: float, *, ran_for: float) -> float:
    """Seconds to wait before the next start."""
    if previous < FIRST_PAUSE or ran_for >= WELL_AFTER:
        return FIRST_PAUSE
    return min(previous * 2, LONGEST_PAUSE)


class Watch:
    """Looks after servers; `look` is to be called every now and then."""

    def __init__(self, servers: Iterable[Server], *, tell: Callable[[str], None]) -> None:
        now = time.monotonic()
        self._patients = [_Patient(server, started=now) for server in servers]
        self._tell = tell

    def look(self) -> bool:
        """Take one look at each; tell whether anything changed."""
        now = time.monotonic()
        changes = [self._look_at(patient, now=now) for patient in self._patients]
        return any(changes)

    def _look_at(self, patient: _Patient, *, now: float) -> bool:
        if patient.due is not None:
            return now >= patient.due and self._start_again(patient, now=now)
        if patient.server.alive:
            return False
        patient.pause = pause_after(patient.pause, ran_for=now - patient.started)
        patient.due = now + patient.pause
        self._tell(
            f"{patient.server.name} ended (exit code {patient.server.exit_code}); starting it again in "
            f"{patient.pause:.0f} s. Its log: {patient.server.log}"
        )
        return True

    def _start_again(self, patient: _Patient, *, now: float) -> bool:
        # Whatever is left of its process group would hold on to its port.
        patient.server.kill()
        patient.server.start()
        patient.due, patient.started = None, now
        self._tell(f"{patient.server.name} is starting again")
        return True
