"""The three servers together: what stands in which folder, and how Sameboat finds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.env import PREFIX
from config.local.keys import Keys
from config.local.parts.objects import INNER_PORTS, TWINS, ObjectStore, StorePorts
from config.local.parts.postgres import Postgres
from config.local.parts.server import Server
from config.local.parts.valkey import Valkey

# The usual places, moved a little from where servers of the machine itself may be.
USUAL_PORTS = {
    "web": 8000,
    "database": 8432,
    "broker": 8379,
    "s3": 8333,
    **{name: 8340 + number for number, name in enumerate(INNER_PORTS)},
}
SERVER_PORTS = tuple(name for name in USUAL_PORTS if name != "web")
PORT_TWINS = TWINS


@dataclass(frozen=True)
class Servers:
    """All that Sameboat leans on."""

    database: Postgres
    broker: Valkey
    objects: ObjectStore

    @property
    def each(self) -> tuple[Server, ...]:
        """The slowest to warm up first."""
        return (self.objects, self.broker, self.database)

    def variables(self) -> dict[str, str]:
        found = {name: value for server in self.each for name, value in server.variables().items()}
        return {PREFIX + name: value for name, value in found.items()}

    def start(self) -> None:
        """Start all of them side by side; they warm up while others work."""
        for server in self.each:
            server.start()

    def wait_until_ready(self) -> None:
        for server in self.each:
            server.wait_until_ready()

    def kill(self) -> None:
        for server in self.each:
            server.kill()


def lay_out(
    folder: Path,
    *,
    ports: Mapping[str, int],
    keys: Keys,
    origins: list[str],
    throwaway: bool = False,
) -> Servers:
    """Describe the servers of one folder; nothing is started yet. Throwaway data need not survive a crash."""
    log = folder / "log"
    return Servers(
        database=Postgres(
            folder / "postgres",
            port=ports["database"],
            password=keys.database_password,
            log=log / "database.log",
            throwaway=throwaway,
        ),
        broker=Valkey(
            folder / "valkey",
            port=ports["broker"],
            password=keys.broker_password,
            log=log / "broker.log",
            throwaway=throwaway,
        ),
        objects=ObjectStore(
            folder / "objects",
            at=StorePorts.among(ports),
            identity=(keys.store_access_key, keys.store_secret_key),
            origins=origins,
            log=log / "object-store.log",
        ),
    )
