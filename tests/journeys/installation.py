"""A Sameboat that runs on this machine, as `make run` starts it: its address, its letters, its commands."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.env import PREFIX
from config.local import claim
from config.local.ground import remove_ground
from config.local.place import ROOT, Place

READY_SECONDS = 180
LETTER_SECONDS = 60


class DidNotStart(AssertionError):
    """`make run` did not come up; the message is what it printed."""


@dataclass(frozen=True)
class Installation:
    """One running Sameboat and the folder it keeps its data in."""

    place: Place

    @property
    def address(self) -> str:
        running = claim.who_runs(self.place.claim)
        if running is None or not running.address:
            raise DidNotStart("Sameboat is not running: start it with `make run`.")
        return running.address

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
        """Run one of Django's commands on this installation's data."""
        command = [sys.executable, "-m", "config.local", "manage", "--", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return ours | {f"{PREFIX}VAR": str(self.place.var)}


def already_running() -> Installation:
    return Installation(Place.here())


@contextmanager
def fresh_installation() -> Iterator[Installation]:
    """Start Sameboat in a folder of its own, empty and without the demonstration, and stop it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sameboat-journey-"))
    folder.chmod(0o711)
    installation = Installation(Place(folder / "var"))
    output = folder / "run.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.local", "run"],
            cwd=ROOT,
            env=installation.environment | {f"{PREFIX}DEMO": "false"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_served(process, output)
        yield installation
    finally:
        process.terminate()
        process.wait(60)
        remove_ground(installation.place.database)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_served(process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while "Pages are served" not in (said := output.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(said)
        time.sleep(0.5)
