"""The real servers behind the tests: started once for a run, on free ports, with data that nobody will miss.

They have to answer before Django reads its settings, so `tests/conftest.py` calls `begin()` while it is imported.
With xdist the first process starts them; the workers find them through the environment and take a cache database
and a bucket each (pytest-django gives each a database of its own).
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

from config.env import PREFIX
from config.local import keys, ports
from config.local.ground import remove_ground
from config.local.parts.objects import PORTS, TWINS, ObjectStore, StorePorts
from config.local.parts.postgres import Postgres
from config.local.parts.server import Server
from config.local.parts.valkey import Valkey

ORIGIN = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Servers:
    """All that Sameboat leans on, at work in one folder."""

    folder: Path
    database: Postgres
    broker: Valkey
    objects: ObjectStore

    @property
    def each(self) -> tuple[Server, ...]:
        return (self.objects, self.broker, self.database)

    def variables(self) -> dict[str, str]:
        found = {name: value for server in self.each for name, value in server.variables().items()}
        return {PREFIX + name: value for name, value in found.items()}

    def stop(self) -> None:
        """End them at once: there is nothing to save."""
        for server in self.each:
            server.kill()
        remove_ground(self.database.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_servers(*, throwaway: bool = True, origins: tuple[str, ...] = (ORIGIN,)) -> Servers:
    """Start one of each in a temporary folder and return once all of them answer."""
    folder = Path(tempfile.mkdtemp(prefix="sameboat-tests-"))
    folder.chmod(0o711)  # run by root, PostgreSQL is another user, who has to get through here
    log = folder / "log"
    made = keys.make()
    free = ports.pick_free(["database", "broker", *PORTS], twins=TWINS)
    servers = Servers(
        folder=folder,
        database=Postgres(
            folder / "database",
            port=free["database"],
            password=made.database_password,
            log=log / "database.log",
            throwaway=throwaway,
        ),
        broker=Valkey(
            folder / "broker",
            port=free["broker"],
            password=made.broker_password,
            log=log / "broker.log",
            throwaway=throwaway,
        ),
        objects=ObjectStore(
            folder / "objects",
            at=StorePorts.among(free),
            identity=(made.store_access_key, made.store_secret_key),
            origins=list(origins),
            log=log / "objects.log",
        ),
    )
    try:
        for server in servers.each:
            server.start()
        for server in servers.each:
            server.wait_until_ready()
    except BaseException:
        servers.stop()
        raise
    return servers


@contextmanager
def running_servers(*, throwaway: bool = False) -> Iterator[Servers]:
    """Servers of one's own, for tests that take them down."""
    servers = start_servers(throwaway=throwaway)
    try:
        yield servers
    finally:
        servers.stop()


def begin() -> Servers | None:
    """Put the environment in place for this process; return the servers if it was this one that started them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        _take_a_corner(int(worker.removeprefix("gw")))
        return None
    servers = start_servers()
    atexit.register(servers.stop)
    os.environ.update(servers.variables())
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            f"{PREFIX}SECRET_KEY": keys.make().secret_key,
            f"{PREFIX}PUBLIC_ORIGIN": ORIGIN,
            f"{PREFIX}VAR": str(servers.folder / "var"),
            f"{PREFIX}EMAIL": "console",
            f"{PREFIX}DEMO": "false",
        }
    )
    # A machine that cannot nest name spaces still runs the tests; those of the sandbox ask for it themselves.
    os.environ.setdefault(f"{PREFIX}SANDBOX", "preferred")
    os.environ.setdefault(f"{PREFIX}LOG_LEVEL", "WARNING")
    return servers


def make_bucket(name: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=os.environ[f"{PREFIX}S3_ENDPOINT"],
        aws_access_key_id=os.environ[f"{PREFIX}S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ[f"{PREFIX}S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )
    client.create_bucket(Bucket=name)
    client.close()


def _take_a_corner(number: int) -> None:
    broker, _, _ = os.environ[f"{PREFIX}REDIS_URL"].rpartition("/")
    os.environ[f"{PREFIX}REDIS_URL"] = f"{broker}/{number + 1}"
    os.environ[f"{PREFIX}S3_BUCKET"] = f"sameboat-{number}"
    os.environ[f"{PREFIX}VAR"] += f"-{number}"
    make_bucket(f"sameboat-{number}")
