import os
import sys
import time
from pathlib import Path

import pytest

from devstack.processes.one_off import OneOffQueue
from devstack.subprocesses import ChildProcess, ProcessSpec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def one_off_command(name: str, code: str, *, folder: Path) -> ProcessSpec:
    return ProcessSpec(
        name, [sys.executable, "-c", code], folder / f"{name}.log", environment=dict(os.environ)
    )


def poll_until_finished(queue: OneOffQueue, exited: list[ChildProcess], *, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(exited) < count and time.monotonic() < deadline:
        queue.poll()
        time.sleep(0.02)


def test_commands_run_sequentially(folder: Path) -> None:
    queue, exited = OneOffQueue(), list[ChildProcess]()
    marker_file = folder / "mark"
    queue.add_command(
        one_off_command(
            "first", f"import time; time.sleep(0.3); open({str(marker_file)!r}, 'w')", folder=folder
        ),
        on_exit=exited.append,
    )
    queue.add_command(
        one_off_command("second", f"open({str(marker_file)!r})", folder=folder), on_exit=exited.append
    )

    poll_until_finished(queue, exited, count=2)

    assert [child.spec.name for child in exited] == ["first", "second"]
    assert [child.exit_code for child in exited] == [0, 0]


def test_a_failing_command_does_not_block_the_next(folder: Path) -> None:
    queue, exited = OneOffQueue(), list[ChildProcess]()
    queue.add_command(one_off_command("first", "raise SystemExit(3)", folder=folder), on_exit=exited.append)
    queue.add_command(one_off_command("second", "pass", folder=folder), on_exit=exited.append)

    poll_until_finished(queue, exited, count=2)

    assert [child.exit_code for child in exited] == [3, 0]


def test_stop_kills_the_running_command_and_drops_the_waiting_ones(folder: Path) -> None:
    queue, exited = OneOffQueue(), list[ChildProcess]()
    queue.add_command(
        one_off_command("first", "import time; time.sleep(60)", folder=folder), on_exit=exited.append
    )
    queue.add_command(one_off_command("second", "print('ran')", folder=folder), on_exit=exited.append)
    queue.poll()

    queue.stop()
    queue.poll()

    assert exited == []
    assert not (folder / "second.log").exists()
