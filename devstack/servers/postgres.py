"""PostgreSQL from a wheel, through its own programs."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
from psycopg import sql

from devstack import executables
from devstack.processes.subprocesses import ChildProcess, ProcessFailed, ProcessSpec
from devstack.servers import data_dir, local_secrets, ports
from devstack.servers.base import Server

DATABASE_NAME = "sameboat"
# Its own names: a fast stop breaks connections off, an immediate one is a crash that the next start repairs.
_FAST_SHUTDOWN, _IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT
_MINIMAL_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# For data that nobody will miss: a test run.
_NON_DURABLE_OPTIONS = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum_naptime=10min",
]


class Postgres(Server):
    """A cluster in `folder` with one database, open on loopback to whoever has the password."""

    name = "database"

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, throwaway: bool = False) -> None:
        super().__init__(folder, log=log)
        self.port = port
        self.password = password
        self.throwaway = throwaway

    @property
    def url(self) -> str:
        return self._url(DATABASE_NAME)

    def env_variables(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url}

    def prepare(self) -> None:
        place = data_dir.open_data_dir(self.folder)
        if not (place.folder / "data").exists():
            self._create_cluster(place)

    def process_spec(self) -> ProcessSpec:
        place = data_dir.open_data_dir(self.folder)
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
            command=[str(_bin_dir(place) / "postgres"), "-D", str(place.folder / "data"), *settings],
            log=self.log,
            environment=_MINIMAL_ENVIRONMENT,
            working_dir=place.folder,
            user=place.user,
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
            known = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DATABASE_NAME]
            ).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))

    def _url(self, database: str) -> str:
        return f"postgresql://{DATABASE_NAME}:{self.password}@{ports.HOST}:{self.port}/{database}"

    def _create_cluster(self, place: data_dir.DataDir) -> None:
        """Make the cluster beside its final place, so that an interrupted start leaves nothing half-made."""
        unfinished, password = place.folder / "data.unfinished", place.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        local_secrets.write_private_file(password, self.password)
        place.chown_to_server_user(unfinished)
        place.chown_to_server_user(password)
        command = [
            str(_bin_dir(place) / "initdb"),
            "-D",
            str(unfinished),
            "-U",
            DATABASE_NAME,
            f"--pwfile={password}",
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--no-sync"] if self.throwaway else []
        program = ProcessSpec("initdb", command, self.log, _MINIMAL_ENVIRONMENT, place.folder, place.user)
        try:
            if ChildProcess(program).wait_for_exit(seconds=120) != 0:
                raise ProcessFailed("initdb", "could not make a database", log=self.log)
        finally:
            password.unlink()
        unfinished.rename(place.folder / "data")


def _bin_dir(server_dir: data_dir.DataDir) -> Path:
    """Return the folder of the programs, copied to the server's ground if its user cannot enter their own."""
    installed = executables.postgres_install_dir()
    if server_dir.user is None or data_dir.is_traversable(installed):
        return installed / "bin"
    built = (installed / "bin" / "postgres").stat()
    copy = server_dir.folder / f"programs-{built.st_mtime_ns}"
    if not copy.exists():
        unfinished = server_dir.folder / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The wheel keeps shared libraries in a folder beside the package and finds them by relative path.
        libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        shutil.copytree(installed, unfinished / installed.parent.name / installed.name)
        unfinished.rename(copy)
    return copy / installed.parent.name / installed.name / "bin"
