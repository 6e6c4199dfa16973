"""Sameboat's own processes: the web server, the workers and the clock."""

import http.client
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from devstack.paths import ROOT
from devstack.processes.subprocesses import ProcessSpec
from devstack.servers import ports
from devstack.servers.base import Server

_PYTHON = [sys.executable, "-m"]
_CELERY = [*_PYTHON, "celery", "-A", "config.celery:app"]
_NO_WORKER_EVENTS = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def _ready_immediately() -> bool:
    return True


class AppProcess(Server):
    """One Python process that finds the servers through its environment."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        ready: Callable[[], bool] = _ready_immediately,
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

    def process_spec(self) -> ProcessSpec:
        return ProcessSpec(
            name=self.name,
            command=self.command,
            log=self.log,
            environment=self.environment,
            working_dir=self.folder,
            niceness=self.niceness,
            parent_death_signal=self.when_orphaned,
        )

    def is_ready(self) -> bool:
        return self._ready()

    def env_variables(self) -> dict[str, str]:
        return {}


def web_process(port: int, *, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Pages and API: two processes, so that one long answer does not hold up everybody."""
    command = [*_PYTHON, "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", ports.HOST, "--port", str(port), "--no-ws"]
    command += ["--workers", "2", "--blocking-threads", "12", "--respawn-failed-workers"]
    command += ["--workers-kill-timeout", "5s", "--log-level", "warning"]
    return AppProcess(
        "web", command, environment=environment, log=log, ready=lambda: fetch_http_status(port) is not None
    )


def media_worker_process(*, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Recordings are encoded apart from everything else, at least two at a time, and politely.

    One encode alone does not fill two cores: checking, fetching and storing wait for others.
    """
    abreast = max(2, (os.cpu_count() or 2) // 2)
    worker = _celery_worker_process(
        "media", queues="media", concurrency=abreast, environment=environment, log=log
    )
    worker.niceness = 10
    return worker


def quick_worker_process(*, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Short jobs never wait behind an encode."""
    return _celery_worker_process(
        "quick", queues="quick,index", concurrency=2, environment=environment, log=log
    )


def beat_process(schedule_file: Path, *, environment: Mapping[str, str], log: Path) -> AppProcess:
    command = [*_CELERY, "beat", "--schedule", str(schedule_file), "--pidfile=", "--loglevel", "INFO"]
    return AppProcess("clock", command, environment=environment, log=log)


def fetch_http_status(port: int, path: str = "/") -> int | None:
    """Return the HTTP status of a page, or None while nobody answers."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _celery_worker_process(
    name: str, *, queues: str, concurrency: int, environment: Mapping[str, str], log: Path
) -> AppProcess:
    command = [*_CELERY, "worker", "--queues", queues, "--concurrency", str(concurrency)]
    command += ["--hostname", f"{name}@%h", "--loglevel", "INFO", *_NO_WORKER_EVENTS]
    member = AppProcess(f"{name} worker", command, environment=environment, log=log)
    # Cold: jobs are leased and taken up again, so there is no reason to hold on without a supervisor.
    member.when_orphaned = signal.SIGQUIT
    return member
