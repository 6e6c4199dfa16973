import stat
from dataclasses import astuple
from pathlib import Path

from devstack.servers import local_secrets


def test_secrets_are_reused_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secrets.json"

    assert local_secrets.load_or_create_secrets(path) == local_secrets.load_or_create_secrets(path)


def test_the_secrets_file_has_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    local_secrets.load_or_create_secrets(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_all_generated_secrets_differ() -> None:
    secrets = [*astuple(local_secrets.generate_secrets()), *astuple(local_secrets.generate_secrets())]

    assert len(set(secrets)) == len(secrets)


def test_a_readable_file_is_replaced_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    path.write_text("old")
    path.chmod(0o644)

    local_secrets.write_private_file(path, "new")

    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
