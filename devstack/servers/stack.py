"""The three servers together: folders, ports and environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.env import PREFIX
from devstack.servers.base import Server
from devstack.servers.local_secrets import LocalSecrets
from devstack.servers.postgres import Postgres
from devstack.servers.seaweedfs import INTERNAL_PORT_NAMES, SeaweedFS, SeaweedFSPorts
from devstack.servers.valkey import Valkey

# Differ from the standard ports, to avoid conflicts with servers already on the machine.
DEFAULT_PORTS = {
    "web": 8000,
    "database": 8432,
    "broker": 8379,
    "s3": 8333,
    **{name: 8340 + number for number, name in enumerate(INTERNAL_PORT_NAMES)},
}
SERVER_PORT_NAMES = tuple(name for name in DEFAULT_PORTS if name != "web")


@dataclass(frozen=True)
class ServerStack:
    database: Postgres
    broker: Valkey
    object_store: SeaweedFS

    @property
    def in_start_order(self) -> tuple[Server, ...]:
        """Slowest to start first."""
        return (self.object_store, self.broker, self.database)

    def provided_env(self) -> dict[str, str]:
        variables = {
            name: value for server in self.in_start_order for name, value in server.provided_env().items()
        }
        return {PREFIX + name: value for name, value in variables.items()}

    def start(self) -> None:
        """Start all servers in parallel, without waiting."""
        for server in self.in_start_order:
            server.start()

    def wait_until_ready(self) -> None:
        for server in self.in_start_order:
            server.wait_until_ready()

    def kill(self) -> None:
        for server in self.in_start_order:
            server.kill()


def build_servers(
    folder: Path,
    *,
    ports: Mapping[str, int],
    secrets: LocalSecrets,
    origins: list[str],
    throwaway: bool = False,
) -> ServerStack:
    """Does not start anything. With `throwaway`, data need not survive a crash."""
    log = folder / "log"
    return ServerStack(
        database=Postgres(
            folder / "postgres",
            port=ports["database"],
            password=secrets.database_password,
            log=log / "database.log",
            throwaway=throwaway,
        ),
        broker=Valkey(
            folder / "valkey",
            port=ports["broker"],
            password=secrets.broker_password,
            log=log / "broker.log",
            throwaway=throwaway,
        ),
        object_store=SeaweedFS(
            folder / "objects",
            assigned_ports=SeaweedFSPorts.from_mapping(ports),
            identity=(secrets.store_access_key, secrets.store_secret_key),
            origins=origins,
            log=log / "object-store.log",
        ),
    )
