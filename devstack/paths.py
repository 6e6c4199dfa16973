"""Paths in the working folder of a local installation."""

import os
from dataclasses import dataclass
from pathlib import Path

from config import env

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class LocalPaths:
    """`var` is SAMEBOAT_VAR or `var/` in the project root."""

    var: Path

    @classmethod
    def from_environment(cls) -> "LocalPaths":
        return cls((ROOT / os.environ.get(f"{env.PREFIX}VAR", "var")).resolve())

    @property
    def log_dir(self) -> Path:
        return self.var / "log"

    @property
    def secrets_file(self) -> Path:
        return self.var / "secrets.json"

    @property
    def ports_file(self) -> Path:
        return self.var / "local.json"

    @property
    def lock_file(self) -> Path:
        return self.var / "run.lock"

    @property
    def postgres_dir(self) -> Path:
        return self.var / "postgres"

    def log_file(self, name: str) -> Path:
        return self.log_dir / f"{name.replace(' ', '-')}.log"
