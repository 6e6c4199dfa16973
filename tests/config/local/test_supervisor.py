"""All of it at once: it comes up, mends itself, stops without a trace and keeps its data (`make faults`)."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.env import PREFIX
from config.local import claim, crew, ground, ports, supervisor
from config.local.place import ROOT, Place
from config.local.setup import look_up

pytestmark = pytest.mark.faults

# Generous: these tests share their machine with whatever else runs there.
PATIENCE = 240.0


class Machine:
    """A folder of its own in which `python -m config.local` works."""

    def __init__(self, var: Path) -> None:
        self.place = Place(var)
        # Not reserved by us, or the process under test would have to pass it over.
        self.port = next(port for port in range(15_000, 16_000) if ports.is_free(port))
        self.said = var.parent / "said"
        self.process: subprocess.Popen[bytes] | None = None
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self.environment = inherited | {f"{PREFIX}VAR": str(var), f"{PREFIX}DEMO": "false"}

    def run(self) -> None:
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                self._command("run", "--port", str(self.port)),
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self.environment,
            )
        process = self.process
        until(lambda: process.poll() is not None or "Ctrl-C" in self.said.read_text())
        assert "Ctrl-C" in self.said.read_text(), self.said.read_text()

    def ask(self, *words: str) -> str:
        asked = subprocess.run(
            self._command(*words), capture_output=True, text=True, cwd=ROOT, env=self.environment, check=False
        )
        return asked.stdout + asked.stderr

    def pid_of(self, name: str) -> int | None:
        running = claim.who_runs(self.place.claim)
        return running.children.get(name) if running else None

    def processes(self) -> set[int]:
        """Every process that works in this folder, whoever started it."""
        marks = [str(self.place.var).encode(), str(ground.stand_in(self.place.database)).encode()]
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                words = read(folder / "cmdline") + read(folder / "environ")
                if any(mark in words for mark in marks):
                    found.add(int(folder.name))
        return found

    def clear_away(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        assert until(lambda: not self.processes())
        supervisor.remove(self.place)

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "config.local", *words]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or it is none of ours
        return b""


def until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine") / "var")
    try:
        machine.run()
        yield machine
    finally:
        machine.clear_away()


def test_pages_are_served(machine: Machine) -> None:
    assert crew.status_of(machine.port, "/help-now") == 200


def test_a_second_start_says_where_the_first_one_is(machine: Machine) -> None:
    assert f"already running at http://127.0.0.1:{machine.port}" in machine.ask("run")


def test_status_names_every_process(machine: Machine) -> None:
    said = machine.ask("status")

    assert len(re.findall(r"process \d+$", said, flags=re.MULTILINE)) == 7


@pytest.mark.parametrize(
    "name", ["web", "quick worker", "media worker", "clock", "broker", "database", "object store"]
)
def test_whoever_is_killed_comes_back(machine: Machine, name: str) -> None:
    before = machine.pid_of(name)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    assert until(lambda: machine.pid_of(name) not in {None, before})
    assert until(lambda: crew.status_of(machine.port, "/help-now") == 200)


def test_rows_survive_and_nothing_is_left_running_after_a_stop(machine: Machine) -> None:
    database = look_up(machine.place).servers.database
    url = database.url
    assert until(database.answers)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    secrets = machine.place.keys.read_text()

    assert "has stopped" in machine.ask("stop")
    assert machine.process is not None
    assert machine.process.wait(timeout=PATIENCE) == 0
    assert until(lambda: not machine.processes())

    machine.run()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    assert machine.place.keys.read_text() == secrets


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_one_carries_on(machine: Machine) -> None:
    assert machine.process is not None
    machine.process.kill()
    machine.process.wait()

    assert until(lambda: not machine.processes())
    assert "not running" in machine.ask("status")

    machine.run()
    assert crew.status_of(machine.port, "/help-now") == 200


def test_reset_leaves_nothing(machine: Machine) -> None:
    machine.ask("reset")

    assert until(lambda: not machine.processes())
    assert not machine.place.var.exists()
    assert not ground.stand_in(machine.place.database).exists()
