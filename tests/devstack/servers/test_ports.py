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
def used_port() -> Iterator[int]:
    """A port with a listener."""
    port = ports.pick_free_ports(["stranger"])["stranger"]
    with socket.create_server((ports.HOST, port)):
        yield port


@pytest.fixture
def ports_file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "local.json"


def test_a_port_with_a_listener_is_not_free(used_port: int) -> None:
    assert not ports.is_port_free(used_port)


def test_picked_ports_are_free_and_distinct() -> None:
    picked = ports.pick_free_ports(["a", "b", "c"])

    assert len(set(picked.values())) == 3
    assert all(ports.is_port_free(port) for port in picked.values())


def test_a_used_paired_port_rules_a_port_out(used_port: int, ports_file: Path) -> None:
    assigned, changes = ports.assign_ports(
        {"pair": used_port - 1}, saved_in=ports_file, paired_offsets={"pair": 1}, wait_seconds=0
    )

    assert assigned["pair"] > used_port
    assert [change.name for change in changes] == ["pair"]


def test_the_default_port_is_assigned_if_free(ports_file: Path) -> None:
    default_ports = ports.pick_free_ports(["web"])

    assert ports.assign_ports(default_ports, saved_in=ports_file) == (default_ports, [])


def test_a_used_port_is_replaced_by_the_next_free_one_and_reported(used_port: int, ports_file: Path) -> None:
    assigned, changes = ports.assign_ports({"web": used_port}, saved_in=ports_file)

    assert assigned["web"] > used_port
    assert changes == [ports.PortChange("web", wanted=used_port, assigned=assigned["web"])]


def test_a_changed_port_is_reused_at_the_next_start(used_port: int, ports_file: Path) -> None:
    first, _ = ports.assign_ports({"web": used_port}, saved_in=ports_file)

    assert ports.assign_ports({"web": used_port}, saved_in=ports_file) == (first, [])


def test_a_requested_port_overrides_the_saved_one(ports_file: Path) -> None:
    free_ports = ports.pick_free_ports(["saved", "requested"])
    ports.save_ports({"web": free_ports["saved"]}, path=ports_file)

    assigned, _ = ports.assign_ports(
        {"web": 8000}, requested={"web": free_ports["requested"]}, saved_in=ports_file
    )

    assert assigned == {"web": free_ports["requested"]}


def test_a_port_reserved_by_another_process_is_skipped(ports_file: Path) -> None:
    port = ports.pick_free_ports(["web"])["web"] + 1
    script = f"from devstack.servers import ports; assert ports.reserve_port({port}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"

        assert ports.is_port_free(port)
        assert ports.assign_ports({"web": port}, saved_in=ports_file, wait_seconds=0)[0]["web"] > port
        process.kill()


def test_a_reservation_ends_with_its_process(ports_file: Path) -> None:
    port = ports.pick_free_ports(["web"])["web"] + 1
    script = f"from devstack.servers import ports; assert ports.reserve_port({port})"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)

    assert ports.assign_ports({"web": port}, saved_in=ports_file) == ({"web": port}, [])


def test_two_names_never_share_a_port(ports_file: Path) -> None:
    port = ports.pick_free_ports(["a"])["a"]

    assigned, _ = ports.assign_ports({"a": port, "b": port}, saved_in=ports_file)

    assert assigned["a"] != assigned["b"]


@pytest.mark.parametrize("content", ["", "{", "nonsense"])
def test_a_malformed_ports_file_is_ignored(content: str, ports_file: Path) -> None:
    ports_file.parent.mkdir()
    ports_file.write_text(content)

    assert ports.load_saved_ports(ports_file) == {}


def test_the_ports_file_is_json(ports_file: Path) -> None:
    ports.save_ports({"web": 8000}, path=ports_file)

    assert json.loads(ports_file.read_text()) == {"web": 8000}
