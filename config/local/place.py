"""Where things lie in the working folder of one machine."""

import os
from dataclasses import dataclass
from pathlib import Path

from config import env

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """The folder `var/`, or the one that SAMEBOAT_VAR names."""

    var: Path

    @classmethod
    def here(cls) -> "Place":
        return cls((ROOT / os.environ.get(f"{env.PREFIX}VAR", "var")).resolve())

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def keys(self) -> Path:
        return self.var / "secrets.json"

    @property
    def ports(self) -> Path:
        return self.var / "local.json"

    @property
    def claim(self) -> Path:
        return self.var / "run.lock"

    @property
    def database(self) -> Path:
        return self.var / "postgres"

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name.replace(' ', '-')}.log"
