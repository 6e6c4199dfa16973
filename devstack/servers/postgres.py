"""PostgreSQL from a wheel."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
from psycopg import sql

from devstack import executables
from devstack.servers import data_dir, local_secrets, ports
from devstack.servers.base import Server
from devstack.subprocesses import ChildProcess, ProcessFailed, ProcessSpec

DATABASE_NAME = "sameboat"
# PostgreSQL's shutdown modes: fast closes connections; immediate needs crash recovery at the next start.
_FAST_SHUTDOWN, _IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT
_MINIMAL_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# For disposable data, as in a test run.
_NON_DURABLE_OPTIONS = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum_naptime=10min",
]


class Postgres(Server):
    """A cluster with one database, listening on loopback with password authentication."""

    name = "database"

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, throwaway: bool = False) -> None:
        super().__init__(folder, log=log)
        self.port = port
        self.password = password
        self.throwaway = throwaway

    @property
    def url(self) -> str:
        return self._url(DATABASE_NAME)

    def provided_env(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url}

    def prepare(self) -> None:
        server_dir = data_dir.open_data_dir(self.folder)
        if not (server_dir.folder / "data").exists():
            self._create_cluster(server_dir)

    def process_spec(self) -> ProcessSpec:
        server_dir = data_dir.open_data_dir(self.folder)
        options = [
            f"port={self.port}",
            f"listen_addresses={ports.HOST}",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            *(_NON_DURABLE_OPTIONS if self.throwaway else []),
        ]
        settings = [word for option in options for word in ("-c", option)]
        return ProcessSpec(
            name=self.name,
            command=[
                str(_bin_dir(server_dir) / "postgres"),
                "-D",
                str(server_dir.folder / "data"),
                *settings,
            ],
            log=self.log,
            environment=_MINIMAL_ENVIRONMENT,
            working_dir=server_dir.folder,
            user=server_dir.user,
            stop_signal=_FAST_SHUTDOWN,
            parent_death_signal=_IMMEDIATE_SHUTDOWN,
        )

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait_until_ready(self, *, seconds: float = 30.0) -> None:
        super().wait_until_ready(seconds=seconds)
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            existing = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DATABASE_NAME]
            ).fetchone()
            if existing is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))

    def _url(self, database: str) -> str:
        return f"postgresql://{DATABASE_NAME}:{self.password}@{ports.HOST}:{self.port}/{database}"

    def _create_cluster(self, server_dir: data_dir.DataDir) -> None:
        """Create the cluster in a temporary folder, then rename it, so that an interrupted start leaves none half-made."""
        unfinished, password = server_dir.folder / "data.unfinished", server_dir.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        local_secrets.write_private_file(password, self.password)
        server_dir.chown_to_server_user(unfinished)
        server_dir.chown_to_server_user(password)
        command = [
            str(_bin_dir(server_dir) / "initdb"),
            "-D",
            str(unfinished),
            "-U",
            DATABASE_NAME,
            f"--pwfile={password}",
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--no-sync"] if self.throwaway else []
        initdb = ProcessSpec(
            "initdb", command, self.log, _MINIMAL_ENVIRONMENT, server_dir.folder, server_dir.user
        )
        try:
            if ChildProcess(initdb).wait_for_exit(seconds=120) != 0:
                raise ProcessFailed("initdb", "could not create a database cluster", log=self.log)
        finally:
            password.unlink()
        unfinished.rename(server_dir.folder / "data")


def _bin_dir(server_dir: data_dir.DataDir) -> Path:
    """Folder of the executables, copied to the data directory if the server's user cannot reach the original."""
    installed = executables.postgres_install_dir()
    if server_dir.user is None or data_dir.is_traversable(installed):
        return installed / "bin"
    binary_stat = (installed / "bin" / "postgres").stat()
    copy = server_dir.folder / f"programs-{binary_stat.st_mtime_ns}"
    if not copy.exists():
        unfinished = server_dir.folder / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The wheel finds its shared libraries in a sibling folder by relative path.
        libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        shutil.copytree(installed, unfinished / installed.parent.name / installed.name)
        unfinished.rename(copy)
    return copy / installed.parent.name / installed.name / "bin"
