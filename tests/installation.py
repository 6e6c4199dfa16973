"""A local installation, as `make run` starts it."""

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
from devstack.paths import ROOT, LocalPaths
from devstack.processes import app_processes, lockfile, supervisor
from devstack.servers import data_dir
from devstack.stack_config import load_stack_config

# Generous, because other processes may be using the machine.
TIMEOUT_SECONDS = 240.0
EMAIL_TIMEOUT_SECONDS = 60.0
READY_MESSAGE = "The web server is ready"
STARTUP_END_MARKER = "Ctrl-C"


class StartupFailed(AssertionError):
    """The message contains the output of `make run`."""


class Installation:
    def __init__(self, paths: LocalPaths) -> None:
        self.paths = paths

    @property
    def address(self) -> str:
        status = lockfile.read_lock_holder(self.paths.lock_file)
        if status is None or not status.address:
            raise StartupFailed("Sameboat is not running: start it with `make run`.")
        return status.address

    @property
    def database_url(self) -> str:
        return load_stack_config(self.paths).servers.database.url

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return inherited | {f"{PREFIX}VAR": str(self.paths.var)}

    def read_emailed_code(self, address: str) -> str:
        """Code in the newest e-mail to the address; e-mails are written to the log of the web server."""
        deadline = time.monotonic() + EMAIL_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            emails = self.paths.log_file("web").read_text(errors="replace").split("Content-Type: text/plain")
            matching = [letter for letter in emails if f"To: {address}" in letter]
            if matching and (
                code := re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", matching[-1], re.MULTILINE)
            ):
                return code[1]
            time.sleep(0.5)
        raise AssertionError(f"no e-mail to {address}")

    def run_manage_command(self, *arguments: str) -> str:
        """Run a Django management command on the installation's data; returns its output."""
        completed = self._run_devstack_process("manage", "--", *arguments)
        assert completed.returncode == 0, completed.stdout + completed.stderr
        return completed.stdout

    def run_devstack(self, *arguments: str) -> str:
        """Returns the output; does not check the exit code."""
        completed = self._run_devstack_process(*arguments)
        return completed.stdout + completed.stderr

    def fetch_http_status(self, path: str) -> int | None:
        """None if the server does not respond."""
        return app_processes.fetch_http_status(load_stack_config(self.paths).web_port, path)

    def pid_of(self, name: str) -> int | None:
        status = lockfile.read_lock_holder(self.paths.lock_file)
        return status.children.get(name) if status else None

    def process_ids(self) -> set[int]:
        """Pids of all processes that use the data folder, whoever started them."""
        markers = [str(self.paths.var).encode(), str(data_dir.fallback_dir(self.paths.postgres_dir)).encode()]
        pids = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                process_text = _read_bytes_or_empty(folder / "cmdline") + _read_bytes_or_empty(
                    folder / "environ"
                )
                if any(mark in process_text for mark in markers):
                    pids.add(int(folder.name))
        return pids

    def _run_devstack_process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            devstack_command(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )


class TemporaryInstallation(Installation):
    """An empty installation that a test starts and stops."""

    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {f"{PREFIX}DEMO": "false"}

    def start(self) -> None:
        """Returns once the web server is ready. Raises StartupFailed."""
        log_file = self.paths.var.parent / "run.log"
        with log_file.open("wb") as log:
            self.process = subprocess.Popen(
                devstack_command("run"), cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(lambda: self.process.poll() is not None or STARTUP_END_MARKER in log_file.read_text())
        if READY_MESSAGE not in log_file.read_text():
            raise StartupFailed(log_file.read_text())

    def tear_down(self) -> None:
        """Stop all processes and delete the data."""
        self.process.terminate()
        self.process.wait(TIMEOUT_SECONDS)
        assert wait_until(lambda: not self.process_ids())
        supervisor.delete_local_data(self.paths)


def running_installation() -> Installation:
    return Installation(LocalPaths.from_environment())


@contextmanager
def temporary_installation(folder: Path | None = None) -> Iterator[TemporaryInstallation]:
    """A started installation without the demonstration; removed on exit."""
    with tempfile.TemporaryDirectory(prefix="sameboat-own-") as temporary_dir:
        Path(temporary_dir).chmod(
            0o711
        )  # if run as root, PostgreSQL runs as another user, who must be able to traverse this folder
        installation = TemporaryInstallation(LocalPaths((folder or Path(temporary_dir)) / "var"))
        try:
            installation.start()
            yield installation
        finally:
            installation.tear_down()


def devstack_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "devstack", *arguments]


def wait_until(condition: Callable[[], bool]) -> bool:
    """Poll the condition; returns False on timeout."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _read_bytes_or_empty(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended, or belongs to another user
        return b""
