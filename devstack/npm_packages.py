"""Installs the npm packages of the web pages as locked, once per lock file."""

import hashlib
import os
import subprocess
from pathlib import Path

from devstack import executables
from devstack.paths import ROOT

_WEB_DIR = ROOT / "web"
_NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


class NpmInstallFailed(Exception):
    def __init__(self, npm_output: str) -> None:
        super().__init__(f"npm could not install the packages of web/package.json:\n{npm_output}")


def install_npm_packages(folder: Path = _WEB_DIR, *, development: bool = True) -> bool:
    """Run `npm ci` unless it has run for this lock file, and return whether it ran.

    Without `development` the linter, the type checker and axe are left out: 130 MB that serving pages does not need.
    """
    lock_digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-sha256"
    complete, production = lock_digest, f"{lock_digest} production"
    if stamp.exists() and stamp.read_text() in ({complete} if development else {complete, production}):
        return False
    npm_command = executables.npm_command()
    # npm starts node by name, and node may not be on PATH.
    path_variable = f"{Path(npm_command[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    completed = subprocess.run(
        [*npm_command, "ci", *_NPM_OPTIONS, *([] if development else ["--omit=dev"])],
        cwd=folder,
        env={**os.environ, "PATH": path_variable},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        raise NpmInstallFailed((completed.stderr or completed.stdout)[:2000])
    stamp.parent.mkdir(exist_ok=True)  # npm creates no folder for an empty package list
    stamp.write_text(complete if development else production)
    return True
