"""Secrets of a local installation, generated once and stored in a file only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class LocalSecrets:
    secret_key: str
    database_password: str
    broker_password: str
    store_access_key: str
    store_secret_key: str


def generate_secrets() -> LocalSecrets:
    return LocalSecrets(
        secret_key=secrets.token_urlsafe(48),
        database_password=secrets.token_hex(24),
        broker_password=secrets.token_hex(24),
        store_access_key=secrets.token_hex(10).upper(),
        store_secret_key=secrets.token_hex(24),
    )


def load_or_create_secrets(path: Path) -> LocalSecrets:
    if path.exists():
        return LocalSecrets(**json.loads(path.read_text()))
    new_secrets = generate_secrets()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private_file(path, json.dumps(asdict(new_secrets), indent=2) + "\n")
    return new_secrets


def write_private_file(path: Path, text: str) -> None:
    """Create the file with mode 0600, so that it is never readable by others."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
