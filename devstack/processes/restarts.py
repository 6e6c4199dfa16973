"""Notice a process that ended and start it again, each time a little later."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devstack.servers.base import Server

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 60.0
# Whoever has run this long is well again, and its next end counts as the first.
STABLE_AFTER_SECONDS = 60.0


@dataclass
class _WatchedServer:
    server: Server
    started: float
    delay: float = 0.0
    restart_at: float | None = None


def next_restart_delay(previous_delay: float, *, ran_for: float) -> float:
    """Seconds to wait before the next start."""
    if previous_delay < FIRST_DELAY_SECONDS or ran_for >= STABLE_AFTER_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(previous_delay * 2, MAX_DELAY_SECONDS)


class RestartMonitor:
    """Looks after servers; `look` is to be called every now and then."""

    def __init__(self, servers: Iterable[Server], *, print_line: Callable[[str], None]) -> None:
        now = time.monotonic()
        self._patients = [_WatchedServer(server, started=now) for server in servers]
        self._tell = print_line

    def poll(self) -> bool:
        """Take one look at each; tell whether anything changed."""
        now = time.monotonic()
        changes = [self._poll_server(patient, now=now) for patient in self._patients]
        return any(changes)

    def _poll_server(self, patient: _WatchedServer, *, now: float) -> bool:
        if patient.restart_at is not None:
            return now >= patient.restart_at and self._restart(patient, now=now)
        if patient.server.is_alive:
            return False
        patient.delay = next_restart_delay(patient.delay, ran_for=now - patient.started)
        patient.restart_at = now + patient.delay
        self._tell(
            f"{patient.server.name} ended (exit code {patient.server.exit_code}); starting it again in "
            f"{patient.delay:.0f} s. Its log: {patient.server.log}"
        )
        return True

    def _restart(self, patient: _WatchedServer, *, now: float) -> bool:
        # Whatever is left of its process group would hold on to its port.
        patient.server.kill()
        patient.server.start()
        patient.restart_at, patient.started = None, now
        self._tell(f"{patient.server.name} is starting again")
        return True
