"""Bring in what the pages load from npm, exactly as locked, once for each lock file."""

import hashlib
import os
import subprocess
from pathlib import Path

from devstack import executables
from devstack.paths import ROOT

_WEB_DIR = ROOT / "web"
_NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


class NpmInstallFailed(Exception):
    """npm could not install what web/package-lock.json names."""

    def __init__(self, said: str) -> None:
        super().__init__(f"npm could not install the packages of web/package.json:\n{said}")


def install_npm_packages(folder: Path = _WEB_DIR, *, development: bool = True) -> bool:
    """Run `npm ci` unless it has run for this lock file, and return whether it ran.

    Without `development` the linter, the type checker and axe are left out: 130 MB that serving pages does not need.
    """
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-sha256"
    complete, production = lock, f"{lock} production"
    if stamp.exists() and stamp.read_text() in ({complete} if development else {complete, production}):
        return False
    npm = executables.npm_command()
    # npm starts node by name, and node may not be on PATH.
    search = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [*npm, "ci", *_NPM_OPTIONS, *([] if development else ["--omit=dev"])],
        cwd=folder,
        env={**os.environ, "PATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NpmInstallFailed((done.stderr or done.stdout)[:2000])
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for an empty list
    stamp.write_text(complete if development else production)
    return True
