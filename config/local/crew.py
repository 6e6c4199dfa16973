"""Sameboat's own processes: the web server, the workers and the clock."""

import http.client
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from config.local import ports
from config.local.children import Program
from config.local.parts.server import Server
from config.local.place import ROOT

_PYTHON = [sys.executable, "-m"]
_CELERY = [*_PYTHON, "celery", "-A", "config.celery:app"]
_QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def _at_once() -> bool:
    return True


class Member(Server):
    """One Python process that finds the servers through its environment."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        ready: Callable[[], bool] = _at_once,
    ) -> None:
        super().__init__(ROOT, log=log)
        self.name = name
        self.command = command
        self.environment = environment
        self.niceness = 0
        self.when_orphaned = signal.SIGTERM
        self._ready = ready

    def prepare(self) -> None:
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=self.command,
            log=self.log,
            environment=self.environment,
            folder=self.folder,
            niceness=self.niceness,
            when_orphaned=self.when_orphaned,
        )

    def answers(self) -> bool:
        return self._ready()

    def variables(self) -> dict[str, str]:
        return {}


def web(port: int, *, environment: Mapping[str, str], log: Path) -> Member:
    """Pages and API: two processes, so that one long answer does not hold up everybody."""
    command = [*_PYTHON, "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", ports.HOST, "--port", str(port), "--no-ws"]
    command += ["--workers", "2", "--blocking-threads", "12", "--respawn-failed-workers"]
    command += ["--workers-kill-timeout", "5s", "--log-level", "warning"]
    return Member("web", command, environment=environment, log=log, ready=lambda: status_of(port) is not None)


def media_worker(*, environment: Mapping[str, str], log: Path) -> Member:
    """Recordings are encoded apart from everything else, at least two at a time, and politely.

    One encode alone does not fill two cores: checking, fetching and storing wait for others.
    """
    abreast = max(2, (os.cpu_count() or 2) // 2)
    worker = _worker("media", queues="media", abreast=abreast, environment=environment, log=log)
    worker.niceness = 10
    return worker


def quick_worker(*, environment: Mapping[str, str], log: Path) -> Member:
    """Short jobs never wait behind an encode."""
    return _worker("quick", queues="quick,index", abreast=2, environment=environment, log=log)


def clock(schedule: Path, *, environment: Mapping[str, str], log: Path) -> Member:
    command = [*_CELERY, "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"]
    return Member("clock", command, environment=environment, log=log)


def status_of(port: int, path: str = "/") -> int | None:
    """Return the HTTP status of a page, or None while nobody answers."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _worker(name: str, *, queues: str, abreast: int, environment: Mapping[str, str], log: Path) -> Member:
    command = [*_CELERY, "worker", "--queues", queues, "--concurrency", str(abreast)]
    command += ["--hostname", f"{name}@%h", "--loglevel", "INFO", *_QUIET]
    member = Member(f"{name} worker", command, environment=environment, log=log)
    # Cold: jobs are leased and taken up again, so there is no reason to hold on without a supervisor.
    member.when_orphaned = signal.SIGQUIT
    return member
