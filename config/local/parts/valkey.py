"""Valkey, the broker and cache, from a wheel."""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local import keys, ports, programs
from config.local.children import Program
from config.local.parts.server import Server

DATABASES = 64
# Whoever asks whether it answers wants to know now.
NO_RETRY = Retry(NoBackoff(), retries=0)


class Valkey(Server):
    """A server on loopback that writes every change to a log unless it is a throwaway."""

    name = "broker"

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, throwaway: bool = False) -> None:
        super().__init__(folder, log=log)
        self.port = port
        self.password = password
        self.throwaway = throwaway

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/{database}"

    def variables(self) -> dict[str, str]:
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
        keys.write_private(self._settings, "\n".join(lines) + "\n")

    def program(self) -> Program:
        # The working folder is where it keeps its files; naming it there spares us quoting paths in its settings.
        return Program(
            name=self.name,
            command=[str(programs.valkey_server()), str(self._settings)],
            log=self.log,
            folder=self.folder,
        )

    def answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2, retry=NO_RETRY)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()

    @property
    def _settings(self) -> Path:
        return self.folder / "valkey.conf"
