"""Sameboat's own processes: web server, Celery workers and Celery beat."""

import http.client
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from devstack.paths import ROOT
from devstack.servers import ports
from devstack.servers.base import Server
from devstack.subprocesses import ProcessSpec

_PYTHON = [sys.executable, "-m"]
_CELERY = [*_PYTHON, "celery", "-A", "config.celery:app"]
_NO_WORKER_EVENTS = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def _ready_immediately() -> bool:
    return True


class AppProcess(Server):
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
        self.parent_death_signal = signal.SIGTERM
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
            parent_death_signal=self.parent_death_signal,
        )

    def is_ready(self) -> bool:
        return self._ready()

    def provided_env(self) -> dict[str, str]:
        return {}


def web_process(port: int, *, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Two server processes, so that one slow request does not block the others."""
    command = [*_PYTHON, "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", ports.HOST, "--port", str(port), "--no-ws"]
    command += ["--workers", "2", "--blocking-threads", "12", "--respawn-failed-workers"]
    command += ["--workers-kill-timeout", "5s", "--log-level", "warning"]
    return AppProcess(
        "web", command, environment=environment, log=log, ready=lambda: fetch_http_status(port) is not None
    )


def media_worker_process(*, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Separate low-priority worker for encoding, at least two jobs in parallel.

    A single encode does not saturate two cores, because validation, download and upload mostly wait for I/O.
    """
    concurrency = max(2, (os.cpu_count() or 2) // 2)
    worker = _celery_worker_process(
        "media", queues="media", concurrency=concurrency, environment=environment, log=log
    )
    worker.niceness = 10
    return worker


def quick_worker_process(*, environment: Mapping[str, str], log: Path) -> AppProcess:
    """Separate worker, so that short jobs never wait behind an encode."""
    return _celery_worker_process(
        "quick", queues="quick,index", concurrency=2, environment=environment, log=log
    )


def beat_process(schedule_file: Path, *, environment: Mapping[str, str], log: Path) -> AppProcess:
    command = [*_CELERY, "beat", "--schedule", str(schedule_file), "--pidfile=", "--loglevel", "INFO"]
    return AppProcess("beat", command, environment=environment, log=log)


def fetch_http_status(port: int, path: str = "/") -> int | None:
    """Returns None if the server does not respond."""
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
    worker = AppProcess(f"{name} worker", command, environment=environment, log=log)
    # Cold shutdown: leases expire and other workers resume the jobs, so there is no need to finish them.
    worker.parent_death_signal = signal.SIGQUIT
    return worker
