"""All of it at once: it comes up, mends itself, stops without a trace and keeps its data (`make faults`)."""

import os
import re
import signal
from collections.abc import Iterator

import psycopg
import pytest

from devstack.environment import load_stack_config
from devstack.servers import data_dir
from tests.installation import TIMEOUT_SECONDS, TemporaryInstallation, temporary_installation, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporaryInstallation]:
    # Closed to other users, so that the database has to find another place when root starts it.
    with temporary_installation(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


def test_pages_are_served(machine: TemporaryInstallation) -> None:
    assert machine.fetch_http_status("/help-now") == 200


def test_a_second_start_says_where_the_first_one_is(machine: TemporaryInstallation) -> None:
    assert f"already running at {machine.address}" in machine.run_devstack("run")


def test_status_names_every_process(machine: TemporaryInstallation) -> None:
    said = machine.run_devstack("status")

    assert len(re.findall(r"process \d+$", said, flags=re.MULTILINE)) == 7


@pytest.mark.parametrize(
    "name", ["web", "quick worker", "media worker", "clock", "broker", "database", "object store"]
)
def test_whoever_is_killed_comes_back(machine: TemporaryInstallation, name: str) -> None:
    assert wait_until(
        lambda: machine.pid_of(name) is not None
    )  # it may be on its way back from what came before
    before = machine.pid_of(name)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    assert wait_until(lambda: machine.pid_of(name) not in {None, before})
    assert wait_until(lambda: machine.fetch_http_status("/help-now") == 200)


def test_rows_survive_and_nothing_is_left_running_after_a_stop(machine: TemporaryInstallation) -> None:
    database = load_stack_config(machine.paths).servers.database
    assert wait_until(database.is_ready)
    with psycopg.connect(machine.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    secrets = machine.paths.secrets_file.read_text()

    assert "has stopped" in machine.run_devstack("stop")
    assert machine.process.wait(timeout=TIMEOUT_SECONDS) == 0
    assert wait_until(lambda: not machine.process_ids())

    machine.start()
    with psycopg.connect(machine.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    assert machine.paths.secrets_file.read_text() == secrets


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_one_carries_on(
    machine: TemporaryInstallation,
) -> None:
    machine.process.kill()
    machine.process.wait()

    assert wait_until(lambda: not machine.process_ids())
    assert "not running" in machine.run_devstack("status")

    machine.start()
    assert machine.fetch_http_status("/help-now") == 200


def test_reset_leaves_nothing(machine: TemporaryInstallation) -> None:
    machine.run_devstack("reset")
    assert machine.process.wait(timeout=TIMEOUT_SECONDS) == 0

    assert wait_until(lambda: not machine.process_ids())
    assert not machine.paths.var.exists()
    assert not data_dir.fallback_dir(machine.paths.postgres_dir).exists()

    machine.start()  # from nothing, for whichever test is next
    assert machine.fetch_http_status("/help-now") == 200
