"""Secrets are made once, and nobody else on the machine can read them."""

import stat
from dataclasses import astuple
from pathlib import Path

from devstack.servers import local_secrets


def test_keys_are_kept_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secrets.json"

    assert local_secrets.load_or_create_secrets(path) == local_secrets.load_or_create_secrets(path)


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    local_secrets.load_or_create_secrets(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_two_keys_are_alike() -> None:
    made = [*astuple(local_secrets.generate_secrets()), *astuple(local_secrets.generate_secrets())]

    assert len(set(made)) == len(made)


def test_a_file_that_was_open_to_others_is_replaced_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    path.write_text("old")
    path.chmod(0o644)

    local_secrets.write_private_file(path, "new")

    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
