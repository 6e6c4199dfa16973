"""All of it at once: it comes up, mends itself, stops without a trace and keeps its data (`make faults`)."""

import os
import re
import signal
from collections.abc import Iterator

import psycopg
import pytest

from config.local import ground
from config.local.setup import look_up
from tests.installation import PATIENCE_SECONDS, OwnInstallation, own_installation, until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnInstallation]:
    # Closed to other users, so that the database has to find another place when root starts it.
    with own_installation(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


def test_pages_are_served(machine: OwnInstallation) -> None:
    assert machine.status_of("/help-now") == 200


def test_a_second_start_says_where_the_first_one_is(machine: OwnInstallation) -> None:
    assert f"already running at {machine.address}" in machine.ask("run")


def test_status_names_every_process(machine: OwnInstallation) -> None:
    said = machine.ask("status")

    assert len(re.findall(r"process \d+$", said, flags=re.MULTILINE)) == 7


@pytest.mark.parametrize(
    "name", ["web", "quick worker", "media worker", "clock", "broker", "database", "object store"]
)
def test_whoever_is_killed_comes_back(machine: OwnInstallation, name: str) -> None:
    assert until(lambda: machine.pid_of(name) is not None)  # it may be on its way back from what came before
    before = machine.pid_of(name)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    assert until(lambda: machine.pid_of(name) not in {None, before})
    assert until(lambda: machine.status_of("/help-now") == 200)


def test_rows_survive_and_nothing_is_left_running_after_a_stop(machine: OwnInstallation) -> None:
    database = look_up(machine.place).servers.database
    assert until(database.answers)
    with psycopg.connect(machine.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    secrets = machine.place.keys.read_text()

    assert "has stopped" in machine.ask("stop")
    assert machine.process.wait(timeout=PATIENCE_SECONDS) == 0
    assert until(lambda: not machine.processes())

    machine.start()
    with psycopg.connect(machine.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    assert machine.place.keys.read_text() == secrets


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_one_carries_on(
    machine: OwnInstallation,
) -> None:
    machine.process.kill()
    machine.process.wait()

    assert until(lambda: not machine.processes())
    assert "not running" in machine.ask("status")

    machine.start()
    assert machine.status_of("/help-now") == 200


def test_reset_leaves_nothing(machine: OwnInstallation) -> None:
    machine.ask("reset")
    assert machine.process.wait(timeout=PATIENCE_SECONDS) == 0

    assert until(lambda: not machine.processes())
    assert not machine.place.var.exists()
    assert not ground.stand_in(machine.place.database).exists()

    machine.start()  # from nothing, for whichever test is next
    assert machine.status_of("/help-now") == 200
