"""Valkey, used as broker and cache, from a wheel."""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from devstack import executables
from devstack.servers import local_secrets, ports
from devstack.servers.base import Server
from devstack.subprocesses import ProcessSpec

DATABASES = 64
# Readiness checks must not wait for retries.
NO_RETRY = Retry(NoBackoff(), retries=0)


class Valkey(Server):
    """Listens on loopback; append-only persistence unless `throwaway`."""

    name = "broker"

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, throwaway: bool = False) -> None:
        super().__init__(folder, log=log)
        self.port = port
        self.password = password
        self.throwaway = throwaway

    @property
    def url(self) -> str:
        return self.url_for_database(0)

    def url_for_database(self, database: int) -> str:
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/{database}"

    def provided_env(self) -> dict[str, str]:
        return {"REDIS_URL": self.url}

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [
            f"bind {ports.HOST}",
            f"port {self.port}",
            "protected-mode yes",
            f"requirepass {self.password}",
            f"databases {DATABASES}",
            'save ""',
            f"appendonly {'no' if self.throwaway else 'yes'}",
            "appendfsync everysec",
            "daemonize no",
        ]
        local_secrets.write_private_file(self._config_file, "\n".join(lines) + "\n")

    def process_spec(self) -> ProcessSpec:
        # Data files go to the working folder, so that the configuration needs no quoted paths.
        return ProcessSpec(
            name=self.name,
            command=[str(executables.valkey_server_path()), str(self._config_file)],
            log=self.log,
            working_dir=self.folder,
        )

    def is_ready(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2, retry=NO_RETRY)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()

    @property
    def _config_file(self) -> Path:
        return self.folder / "valkey.conf"
