"""The complete stack: start, restarts, stop and reset (`make faults`)."""

import os
import re
import signal
from collections.abc import Iterator

import psycopg
import pytest

from devstack.servers import data_dir
from devstack.stack_config import load_stack_config
from tests.installation import TIMEOUT_SECONDS, TemporaryInstallation, temporary_installation, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporaryInstallation]:
    # Private to its owner, so that the database needs the fallback folder when root starts it.
    with temporary_installation(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


def test_the_web_server_responds_after_start(machine: TemporaryInstallation) -> None:
    assert machine.fetch_http_status("/help-now") == 200


def test_a_second_run_prints_the_address_of_the_first(machine: TemporaryInstallation) -> None:
    assert f"already running at {machine.address}" in machine.run_devstack("run")


def test_status_lists_every_process(machine: TemporaryInstallation) -> None:
    output = machine.run_devstack("status")

    assert len(re.findall(r"process \d+$", output, flags=re.MULTILINE)) == 7


@pytest.mark.parametrize(
    "name", ["web", "quick worker", "media worker", "beat", "broker", "database", "object store"]
)
def test_a_killed_process_is_restarted(machine: TemporaryInstallation, name: str) -> None:
    assert wait_until(
        lambda: machine.pid_of(name) is not None
    )  # it may still be restarting after the previous test
    previous_pid = machine.pid_of(name)
    assert previous_pid is not None

    os.kill(previous_pid, signal.SIGKILL)

    assert wait_until(lambda: machine.pid_of(name) not in {None, previous_pid})
    assert wait_until(lambda: machine.fetch_http_status("/help-now") == 200)


def test_stop_ends_all_processes_and_keeps_the_data(machine: TemporaryInstallation) -> None:
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


def test_children_die_with_a_killed_supervisor_and_the_next_start_works(
    machine: TemporaryInstallation,
) -> None:
    machine.process.kill()
    machine.process.wait()

    assert wait_until(lambda: not machine.process_ids())
    assert "not running" in machine.run_devstack("status")

    machine.start()
    assert machine.fetch_http_status("/help-now") == 200


def test_reset_deletes_all_data(machine: TemporaryInstallation) -> None:
    machine.run_devstack("reset")
    assert machine.process.wait(timeout=TIMEOUT_SECONDS) == 0

    assert wait_until(lambda: not machine.process_ids())
    assert not machine.paths.var.exists()
    assert not data_dir.fallback_dir(machine.paths.postgres_dir).exists()

    machine.start()  # for the tests that follow
    assert machine.fetch_http_status("/help-now") == 200
