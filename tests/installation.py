"""A Sameboat on this machine, as `make run` starts it: its address, its letters, its commands, its processes."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.env import PREFIX
from devstack.environment import load_stack_config
from devstack.paths import ROOT, LocalPaths
from devstack.processes import app_processes, lockfile, supervisor
from devstack.servers import data_dir

# Generous: these tests share their machine with whatever else runs there.
TIMEOUT_SECONDS = 240.0
EMAIL_TIMEOUT_SECONDS = 60.0
READY_MESSAGE = "The web server is ready"
STARTUP_END_MARKER = "Ctrl-C"


class StartupFailed(AssertionError):
    """`make run` did not come up; the message is what it printed."""


class Installation:
    """One Sameboat and the folder it keeps its data in."""

    def __init__(self, place: LocalPaths) -> None:
        self.paths = place

    @property
    def address(self) -> str:
        running = lockfile.read_lock_holder(self.paths.lock_file)
        if running is None or not running.address:
            raise StartupFailed("Sameboat is not running: start it with `make run`.")
        return running.address

    @property
    def database_url(self) -> str:
        return load_stack_config(self.paths).servers.database.url

    @property
    def environment(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return others | {f"{PREFIX}VAR": str(self.paths.var)}

    def read_emailed_code(self, address: str) -> str:
        """Return the code in the newest letter to an address; letters are written to the log of the pages."""
        deadline = time.monotonic() + EMAIL_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            letters = self.paths.log_file("web").read_text(errors="replace").split("Content-Type: text/plain")
            mine = [letter for letter in letters if f"To: {address}" in letter]
            if mine and (
                code := re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mine[-1], re.MULTILINE)
            ):
                return code[1]
            time.sleep(0.5)
        raise AssertionError(f"no letter to {address}")

    def run_manage_command(self, *words: str) -> str:
        """Run one of Django's commands on this installation's data; return what it printed."""
        done = self._run_devstack_process("manage", "--", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_devstack(self, *words: str) -> str:
        """Give a command as `make` would; return what it said, whether it went well or not."""
        asked = self._run_devstack_process(*words)
        return asked.stdout + asked.stderr

    def fetch_http_status(self, path: str) -> int | None:
        """Return the HTTP status of a page, or None while nobody answers."""
        return app_processes.fetch_http_status(load_stack_config(self.paths).web_port, path)

    def pid_of(self, name: str) -> int | None:
        running = lockfile.read_lock_holder(self.paths.lock_file)
        return running.children.get(name) if running else None

    def process_ids(self) -> set[int]:
        """Return every process that works in this folder, whoever started it."""
        marks = [str(self.paths.var).encode(), str(data_dir.fallback_dir(self.paths.postgres_dir)).encode()]
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                words = _read_bytes_or_empty(folder / "cmdline") + _read_bytes_or_empty(folder / "environ")
                if any(mark in words for mark in marks):
                    found.add(int(folder.name))
        return found

    def _run_devstack_process(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            devstack_command(*words),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )


class TemporaryInstallation(Installation):
    """One that a test starts, ends and starts again."""

    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {f"{PREFIX}DEMO": "false"}

    def start(self) -> None:
        """Start everything and return once pages are served. Raises DidNotStart."""
        said = self.paths.var.parent / "run.log"
        with said.open("wb") as log:
            self.process = subprocess.Popen(
                devstack_command("run"), cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(lambda: self.process.poll() is not None or STARTUP_END_MARKER in said.read_text())
        if READY_MESSAGE not in said.read_text():
            raise StartupFailed(said.read_text())

    def tear_down(self) -> None:
        """End whatever still runs here and delete the data."""
        self.process.terminate()
        self.process.wait(TIMEOUT_SECONDS)
        assert wait_until(lambda: not self.process_ids())
        supervisor.delete_local_data(self.paths)


def running_installation() -> Installation:
    return Installation(LocalPaths.from_environment())


@contextmanager
def temporary_installation(folder: Path | None = None) -> Iterator[TemporaryInstallation]:
    """Start an empty Sameboat, without the demonstration, and clear it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="sameboat-own-") as usual:
        Path(usual).chmod(0o711)  # run by root, PostgreSQL is another user, who has to get through here
        own = TemporaryInstallation(LocalPaths((folder or Path(usual)) / "var"))
        try:
            own.start()
            yield own
        finally:
            own.tear_down()


def devstack_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "devstack", *words]


def wait_until(condition: Callable[[], bool]) -> bool:
    """Look again and again; tell whether it happened while patience lasted."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _read_bytes_or_empty(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or it is none of ours
        return b""
