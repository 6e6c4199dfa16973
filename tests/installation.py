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
from config.local import claim, crew, ground, supervisor
from config.local.place import ROOT, Place
from config.local.setup import look_up

# Generous: these tests share their machine with whatever else runs there.
PATIENCE_SECONDS = 240.0
LETTER_SECONDS = 60.0
UP = "Pages are served"
LAST_WORDS_OF_A_START = "Ctrl-C"


class DidNotStart(AssertionError):
    """`make run` did not come up; the message is what it printed."""


class Installation:
    """One Sameboat and the folder it keeps its data in."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def address(self) -> str:
        running = claim.who_runs(self.place.claim)
        if running is None or not running.address:
            raise DidNotStart("Sameboat is not running: start it with `make run`.")
        return running.address

    @property
    def database_url(self) -> str:
        return look_up(self.place).servers.database.url

    @property
    def environment(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return others | {f"{PREFIX}VAR": str(self.place.var)}

    def read_letter(self, address: str) -> str:
        """Return the code in the newest letter to an address; letters are written to the log of the pages."""
        deadline = time.monotonic() + LETTER_SECONDS
        while time.monotonic() < deadline:
            letters = self.place.log_of("web").read_text(errors="replace").split("Content-Type: text/plain")
            mine = [letter for letter in letters if f"To: {address}" in letter]
            if mine and (
                code := re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mine[-1], re.MULTILINE)
            ):
                return code[1]
            time.sleep(0.5)
        raise AssertionError(f"no letter to {address}")

    def manage(self, *words: str) -> str:
        """Run one of Django's commands on this installation's data; return what it printed."""
        done = self._ask("manage", "--", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, *words: str) -> str:
        """Give a command as `make` would; return what it said, whether it went well or not."""
        asked = self._ask(*words)
        return asked.stdout + asked.stderr

    def status_of(self, path: str) -> int | None:
        """Return the HTTP status of a page, or None while nobody answers."""
        return crew.status_of(look_up(self.place).web_port, path)

    def pid_of(self, name: str) -> int | None:
        running = claim.who_runs(self.place.claim)
        return running.children.get(name) if running else None

    def processes(self) -> set[int]:
        """Return every process that works in this folder, whoever started it."""
        marks = [str(self.place.var).encode(), str(ground.stand_in(self.place.database)).encode()]
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                words = _read(folder / "cmdline") + _read(folder / "environ")
                if any(mark in words for mark in marks):
                    found.add(int(folder.name))
        return found

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )


class OwnInstallation(Installation):
    """One that a test starts, ends and starts again."""

    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {f"{PREFIX}DEMO": "false"}

    def start(self) -> None:
        """Start everything and return once pages are served. Raises DidNotStart."""
        said = self.place.var.parent / "run.log"
        with said.open("wb") as log:
            self.process = subprocess.Popen(
                command("run"), cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        until(lambda: self.process.poll() is not None or LAST_WORDS_OF_A_START in said.read_text())
        if UP not in said.read_text():
            raise DidNotStart(said.read_text())

    def clear_away(self) -> None:
        """End whatever still runs here and delete the data."""
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)
        assert until(lambda: not self.processes())
        supervisor.remove(self.place)


def already_running() -> Installation:
    return Installation(Place.here())


@contextmanager
def own_installation(folder: Path | None = None) -> Iterator[OwnInstallation]:
    """Start an empty Sameboat, without the demonstration, and clear it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="sameboat-own-") as usual:
        Path(usual).chmod(0o711)  # run by root, PostgreSQL is another user, who has to get through here
        own = OwnInstallation(Place((folder or Path(usual)) / "var"))
        try:
            own.start()
            yield own
        finally:
            own.clear_away()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "config.local", *words]


def until(happened: Callable[[], bool]) -> bool:
    """Look again and again; tell whether it happened while patience lasted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or it is none of ours
        return b""
