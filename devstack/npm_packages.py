"""Installs the npm packages of the web pages as locked, once per lock file."""

import hashlib
import os
import subprocess
from pathlib import Path

from devstack import executables
from devstack.paths import ROOT

_WEB_DIR = ROOT / "web"


class NpmInstallFailed(Exception):
    def __init__(self, npm_output: str) -> None:
        super().__init__(f"npm could not install the packages of web/package.json:\n{npm_output}")


def install_npm_packages(folder: Path = _WEB_DIR) -> bool:
    """Run `npm ci` unless this lock file is installed already; returns whether it ran."""
    lock_digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-sha256"
    if stamp.exists() and stamp.read_text() == lock_digest:
        return False
    npm_command = executables.npm_command()
    # npm starts node by name, and the wheel's node is not on PATH.
    path_variable = f"{Path(npm_command[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    completed = subprocess.run(
        [*npm_command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        cwd=folder,
        env={**os.environ, "PATH": path_variable},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        raise NpmInstallFailed((completed.stderr or completed.stdout)[:2000])
    stamp.parent.mkdir(exist_ok=True)  # npm creates no folder for an empty package list
    stamp.write_text(lock_digest)
    return True
