"""A place for a server that must not run as root.

PostgreSQL refuses to be root, so that root starts it as `nobody`; and `nobody` can enter nothing that lies under a
folder closed to others, as `/root` usually is. In that case its files go to a folder of ours under /var/tmp.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

FALLBACK_ROOT = Path("/var/tmp")  # noqa: S108 - it outlives a restart, and open_ground() checks whose folder it is
UNPRIVILEGED_USER = "nobody"
_TRAVERSABLE_MODE = 0o711


class DataDirNotOurs(Exception):
    """Somebody else owns the folder that we would trust with a database."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a folder of ours; remove it and try again")
        self.path = path


@dataclass(frozen=True)
class DataDir:
    """A folder, and the user that the server there runs as (None: ourselves)."""

    folder: Path
    user: int | None

    def chown_to_server_user(self, path: Path) -> None:
        """Hand a file or folder to the server's user."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


def open_data_dir(wanted: Path) -> DataDir:
    """Return `wanted`, made if need be, or the folder that stands in for it."""
    if os.geteuid() != 0:
        wanted.mkdir(parents=True, exist_ok=True)
        return DataDir(wanted, user=None)
    folder = wanted if is_traversable(wanted.parent) else fallback_dir(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
        raise DataDirNotOurs(folder)
    folder.chmod(_TRAVERSABLE_MODE)
    return DataDir(folder, user=pwd.getpwnam(UNPRIVILEGED_USER).pw_uid)


def remove_data_dir(wanted: Path) -> None:
    """Delete `wanted` and what stood in for it."""
    shutil.rmtree(wanted, ignore_errors=True)
    other = fallback_dir(wanted)
    if os.geteuid() == 0 and other.is_dir() and other.lstat().st_uid == 0:
        shutil.rmtree(other)


def fallback_dir(wanted: Path) -> Path:
    name = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]
    return FALLBACK_ROOT / f"sameboat-{name}"


def is_traversable(path: Path) -> bool:
    """Tell whether a user without rights of its own gets as far as `path`; what does not exist yet is ours to open."""
    whole = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (whole, *whole.parents) if folder.exists())
