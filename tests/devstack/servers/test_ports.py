"""A port is ours if nobody listens there; the same one is taken again at the next start."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.paths import ROOT
from devstack.servers import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which a stranger listens."""
    number = ports.pick_free_ports(["stranger"])["stranger"]
    with socket.create_server((ports.HOST, number)):
        yield number


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    return tmp_path / "var" / "local.json"


def test_a_port_with_a_listener_is_not_free(taken: int) -> None:
    assert not ports.is_port_free(taken)


def test_names_get_different_ports_that_are_free() -> None:
    picked = ports.pick_free_ports(["a", "b", "c"])

    assert len(set(picked.values())) == 3
    assert all(ports.is_port_free(port) for port in picked.values())


def test_a_twin_that_is_taken_rules_a_port_out(taken: int, remembered: Path) -> None:
    settled, moves = ports.assign_ports(
        {"pair": taken - 1}, saved_in=remembered, paired_offsets={"pair": 1}, wait_seconds=0
    )

    assert settled["pair"] > taken
    assert [move.name for move in moves] == ["pair"]


def test_the_usual_port_is_taken_when_it_is_free(remembered: Path) -> None:
    usual = ports.pick_free_ports(["web"])

    assert ports.assign_ports(usual, saved_in=remembered) == (usual, [])


def test_a_port_in_use_moves_to_the_next_free_one_and_says_so(taken: int, remembered: Path) -> None:
    settled, moves = ports.assign_ports({"web": taken}, saved_in=remembered)

    assert settled["web"] > taken
    assert moves == [ports.PortChange("web", wanted=taken, assigned=settled["web"])]


def test_a_move_is_remembered(taken: int, remembered: Path) -> None:
    first, _ = ports.assign_ports({"web": taken}, saved_in=remembered)

    assert ports.assign_ports({"web": taken}, saved_in=remembered) == (first, [])


def test_a_port_asked_for_wins_over_a_remembered_one(remembered: Path) -> None:
    free = ports.pick_free_ports(["before", "asked"])
    ports.save_ports({"web": free["before"]}, path=remembered)

    settled, _ = ports.assign_ports({"web": 8000}, requested={"web": free["asked"]}, saved_in=remembered)

    assert settled == {"web": free["asked"]}


def test_a_port_reserved_by_another_start_is_passed_over(remembered: Path) -> None:
    usual = ports.pick_free_ports(["web"])["web"] + 1
    other = f"from devstack import ports; assert ports.reserve({usual}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", other], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"

        assert ports.is_port_free(usual)
        assert ports.assign_ports({"web": usual}, saved_in=remembered, wait_seconds=0)[0]["web"] > usual
        process.kill()


def test_a_reservation_ends_with_whoever_made_it(remembered: Path) -> None:
    usual = ports.pick_free_ports(["web"])["web"] + 1
    other = f"from devstack import ports; assert ports.reserve({usual})"
    subprocess.run([sys.executable, "-c", other], cwd=ROOT, check=True)

    assert ports.assign_ports({"web": usual}, saved_in=remembered) == ({"web": usual}, [])


def test_two_names_never_share_a_port(remembered: Path) -> None:
    usual = ports.pick_free_ports(["a"])["a"]

    settled, _ = ports.assign_ports({"a": usual, "b": usual}, saved_in=remembered)

    assert settled["a"] != settled["b"]


@pytest.mark.parametrize("broken", ["", "{", "nonsense"])
def test_a_memory_that_cannot_be_read_is_no_memory(broken: str, remembered: Path) -> None:
    remembered.parent.mkdir()
    remembered.write_text(broken)

    assert ports.load_saved_ports(remembered) == {}


def test_the_memory_is_plain_json(remembered: Path) -> None:
    ports.save_ports({"web": 8000}, path=remembered)

    assert json.loads(remembered.read_text()) == {"web": 8000}
