"""PostgreSQL from a wheel, through its own programs."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
from psycopg import sql

from config.local import ground, keys, ports, programs
from config.local.children import Child, Program, ProgramFailed
from config.local.parts.server import Server

NAME = "sameboat"
# Its own names: a fast stop breaks connections off, an immediate one is a crash that the next start repairs.
_FAST, _IMMEDIATE = signal.SIGINT, signal.SIGQUIT
_BARE = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# For data that nobody will miss: a test run.
_THROWAWAY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10min"]


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
        return self._url(NAME)

    def variables(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url}

    def prepare(self) -> None:
        place = ground.open_ground(self.folder)
        if not (place.folder / "data").exists():
            self._make_cluster(place)

    def program(self) -> Program:
        place = ground.open_ground(self.folder)
        options = [
            f"port={self.port}",
            f"listen_addresses={ports.HOST}",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            *(_THROWAWAY if self.throwaway else []),
        ]
        settings = [word for option in options for word in ("-c", option)]
        return Program(
            name=self.name,
            command=[str(_bin(place) / "postgres"), "-D", str(place.folder / "data"), *settings],
            log=self.log,
            environment=_BARE,
            folder=place.folder,
            user=place.user,
            farewell=_FAST,
            when_orphaned=_IMMEDIATE,
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait_until_ready(self, *, seconds: float = 30.0) -> None:
        super().wait_until_ready(seconds=seconds)
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    def _url(self, database: str) -> str:
        return f"postgresql://{NAME}:{self.password}@{ports.HOST}:{self.port}/{database}"

    def _make_cluster(self, place: ground.Ground) -> None:
        """Make the cluster beside its final place, so that an interrupted start leaves nothing half-made."""
        unfinished, password = place.folder / "data.unfinished", place.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        keys.write_private(password, self.password)
        place.give(unfinished)
        place.give(password)
        command = [str(_bin(place) / "initdb"), "-D", str(unfinished), "-U", NAME, f"--pwfile={password}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--no-sync"] if self.throwaway else []
        program = Program("initdb", command, self.log, _BARE, place.folder, place.user)
        try:
            if Child(program).finish(seconds=120) != 0:
                raise ProgramFailed("initdb", "could not make a database", log=self.log)
        finally:
            password.unlink()
        unfinished.rename(place.folder / "data")


def _bin(place: ground.Ground) -> Path:
    """Return the folder of the programs, copied to the server's ground if its user cannot enter their own."""
    installed = programs.postgres_folder()
    if place.user is None or ground.may_enter(installed):
        return installed / "bin"
    built = (installed / "bin" / "postgres").stat()
    copy = place.folder / f"programs-{built.st_mtime_ns}"
    if not copy.exists():
        unfinished = place.folder / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The wheel keeps shared libraries in a folder beside the package and finds them by relative path.
        libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        shutil.copytree(installed, unfinished / installed.parent.name / installed.name)
        unfinished.rename(copy)
    return copy / installed.parent.name / installed.name / "bin"
