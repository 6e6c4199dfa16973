"""Data directory and user for a server that refuses to run as root.

PostgreSQL refuses to run as root, so root starts it as `nobody`. If `nobody` cannot traverse the parent folders (as with
`/root`), the data goes to a folder in /var/tmp.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

FALLBACK_ROOT = Path("/var/tmp")  # noqa: S108 - survives a reboot; open_data_dir() checks the owner
UNPRIVILEGED_USER = "nobody"
_TRAVERSABLE_MODE = 0o711


class DataDirNotOurs(Exception):
    """The folder exists and belongs to another user."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} belongs to another user; remove it and try again")
        self.path = path


@dataclass(frozen=True)
class DataDir:
    """`user` is the uid the server runs as; None means the current user."""

    folder: Path
    user: int | None

    def chown_to_server_user(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user, self.user)


def open_data_dir(path: Path) -> DataDir:
    """Create and return `path`, or its fallback. Raises DataDirNotOurs."""
    if os.geteuid() != 0:
        path.mkdir(parents=True, exist_ok=True)
        return DataDir(path, user=None)
    folder = path if is_traversable(path.parent) else fallback_dir(path)
    folder.mkdir(parents=True, exist_ok=True)
    folder_stat = folder.lstat()
    if not stat.S_ISDIR(folder_stat.st_mode) or folder_stat.st_uid != 0:
        raise DataDirNotOurs(folder)
    folder.chmod(_TRAVERSABLE_MODE)
    return DataDir(folder, user=pwd.getpwnam(UNPRIVILEGED_USER).pw_uid)


def remove_data_dir(path: Path) -> None:
    """Delete `path` and its fallback."""
    shutil.rmtree(path, ignore_errors=True)
    fallback = fallback_dir(path)
    if os.geteuid() == 0 and fallback.is_dir() and fallback.lstat().st_uid == 0:
        shutil.rmtree(fallback)


def fallback_dir(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    return FALLBACK_ROOT / f"sameboat-{name}"


def is_traversable(path: Path) -> bool:
    """Whether other users can traverse `path`; folders that do not exist yet count as traversable."""
    resolved = path.resolve()
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (resolved, *resolved.parents) if folder.exists()
    )
