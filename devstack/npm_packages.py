"""Bring in what the pages load from npm, exactly as locked, once for each lock file."""

import hashlib
import os
import subprocess
from pathlib import Path

from devstack import executables
from devstack.paths import ROOT

_WEB_DIR = ROOT / "web"


class NpmInstallFailed(Exception):
    """npm could not install what web/package-lock.json names."""

    def __init__(self, said: str) -> None:
        super().__init__(f"npm could not install the packages of web/package.json:\n{said}")


def install_npm_packages(folder: Path = _WEB_DIR) -> bool:
    """Run `npm ci` unless it ran for this very lock file; tell whether there was anything to do."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-sha256"
    if stamp.exists() and stamp.read_text() == lock:
        return False
    npm = executables.npm_command()
    # npm starts node by name, and node may not be on PATH.
    search = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        cwd=folder,
        env={**os.environ, "PATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NpmInstallFailed((done.stderr or done.stdout)[:2000])
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for an empty list
    stamp.write_text(lock)
    return True
