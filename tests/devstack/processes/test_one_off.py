"""Errands run one after the other, and whoever sent them hears how it went."""

import os
import sys
import time
from pathlib import Path

import pytest

from devstack.processes.one_off import OneOffQueue
from devstack.processes.subprocesses import ChildProcess, ProcessSpec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def one_off_command(name: str, code: str, *, folder: Path) -> ProcessSpec:
    return ProcessSpec(
        name, [sys.executable, "-c", code], folder / f"{name}.log", environment=dict(os.environ)
    )


def poll_until_finished(errands: OneOffQueue, ended: list[ChildProcess], *, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(ended) < count and time.monotonic() < deadline:
        errands.poll()
        time.sleep(0.02)


def test_the_second_starts_when_the_first_has_ended(folder: Path) -> None:
    errands, ended = OneOffQueue(), list[ChildProcess]()
    mark = folder / "mark"
    errands.add_command(
        one_off_command("first", f"import time; time.sleep(0.3); open({str(mark)!r}, 'w')", folder=folder),
        on_exit=ended.append,
    )
    errands.add_command(
        one_off_command("second", f"open({str(mark)!r})", folder=folder), on_exit=ended.append
    )

    poll_until_finished(errands, ended, count=2)

    assert [child.spec.name for child in ended] == ["first", "second"]
    assert [child.exit_code for child in ended] == [0, 0]


def test_one_that_fails_does_not_hold_up_the_next(folder: Path) -> None:
    errands, ended = OneOffQueue(), list[ChildProcess]()
    errands.add_command(one_off_command("first", "raise SystemExit(3)", folder=folder), on_exit=ended.append)
    errands.add_command(one_off_command("second", "pass", folder=folder), on_exit=ended.append)

    poll_until_finished(errands, ended, count=2)

    assert [child.exit_code for child in ended] == [3, 0]


def test_stopping_ends_the_one_that_runs_and_forgets_the_others(folder: Path) -> None:
    errands, ended = OneOffQueue(), list[ChildProcess]()
    errands.add_command(
        one_off_command("first", "import time; time.sleep(60)", folder=folder), on_exit=ended.append
    )
    errands.add_command(one_off_command("second", "print('ran')", folder=folder), on_exit=ended.append)
    errands.poll()

    errands.stop()
    errands.poll()

    assert ended == []
    assert not (folder / "second.log").exists()
