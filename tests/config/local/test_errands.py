"""Errands run one after the other, and whoever sent them hears how it went."""

import os
import sys
import time
from pathlib import Path

import pytest

from config.local.children import Child, Program
from config.local.errands import Errands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def errand(name: str, code: str, *, folder: Path) -> Program:
    return Program(name, [sys.executable, "-c", code], folder / f"{name}.log", environment=dict(os.environ))


def run_all(errands: Errands, ended: list[Child], *, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(ended) < count and time.monotonic() < deadline:
        errands.look()
        time.sleep(0.02)


def test_the_second_starts_when_the_first_has_ended(folder: Path) -> None:
    errands, ended = Errands(), list[Child]()
    mark = folder / "mark"
    errands.add(
        errand("first", f"import time; time.sleep(0.3); open({str(mark)!r}, 'w')", folder=folder),
        then=ended.append,
    )
    errands.add(errand("second", f"open({str(mark)!r})", folder=folder), then=ended.append)

    run_all(errands, ended, count=2)

    assert [child.program.name for child in ended] == ["first", "second"]
    assert [child.exit_code for child in ended] == [0, 0]


def test_one_that_fails_does_not_hold_up_the_next(folder: Path) -> None:
    errands, ended = Errands(), list[Child]()
    errands.add(errand("first", "raise SystemExit(3)", folder=folder), then=ended.append)
    errands.add(errand("second", "pass", folder=folder), then=ended.append)

    run_all(errands, ended, count=2)

    assert [child.exit_code for child in ended] == [3, 0]


def test_stopping_ends_the_one_that_runs_and_forgets_the_others(folder: Path) -> None:
    errands, ended = Errands(), list[Child]()
    errands.add(errand("first", "import time; time.sleep(60)", folder=folder), then=ended.append)
    errands.add(errand("second", "print('ran')", folder=folder), then=ended.append)
    errands.look()

    errands.stop()
    errands.look()

    assert ended == []
    assert not (folder / "second.log").exists()
