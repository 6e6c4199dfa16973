"""Restarts exited processes with exponential back-off."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devstack.servers.base import Server

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 60.0
# After running this long, the next exit starts with the first delay again.
STABLE_AFTER_SECONDS = 60.0


@dataclass
class _WatchedServer:
    server: Server
    started: float
    restart_delay: float = 0.0
    restart_at: float | None = None


def next_restart_delay(previous_delay: float, *, ran_for: float) -> float:
    """All values in seconds."""
    if previous_delay < FIRST_DELAY_SECONDS or ran_for >= STABLE_AFTER_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(previous_delay * 2, MAX_DELAY_SECONDS)


class RestartMonitor:
    """Call `poll` regularly."""

    def __init__(self, servers: Iterable[Server], *, print_line: Callable[[str], None]) -> None:
        now = time.monotonic()
        self._watched_servers = [_WatchedServer(server, started=now) for server in servers]
        self._print_line = print_line

    def poll(self) -> bool:
        """Returns whether any process exited or was restarted."""
        now = time.monotonic()
        changes = [self._poll_server(watched, now=now) for watched in self._watched_servers]
        return any(changes)

    def _poll_server(self, watched: _WatchedServer, *, now: float) -> bool:
        if watched.restart_at is not None:
            return now >= watched.restart_at and self._restart(watched, now=now)
        if watched.server.is_alive:
            return False
        watched.restart_delay = next_restart_delay(watched.restart_delay, ran_for=now - watched.started)
        watched.restart_at = now + watched.restart_delay
        self._print_line(
            f"{watched.server.name} exited with code {watched.server.exit_code}; restarting in "
            f"{watched.restart_delay:.0f} s. Log: {watched.server.log}"
        )
        return True

    def _restart(self, watched: _WatchedServer, *, now: float) -> bool:
        # Remaining processes of its group could still hold the port.
        watched.server.kill()
        watched.server.start()
        watched.restart_at, watched.started = None, now
        self._print_line(f"{watched.server.name} is restarting")
        return True
