"""Ports on loopback: remembered from the last start, and the next free one where somebody else is there."""

import json
import random
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
# Below the range from which the kernel lends ports to outgoing connections (32768 on Linux): a port picked there
# could be gone before its server gets to it.
_RANDOM_PORT_RANGE = range(20_000, 32_000)
_HIGHEST_PORT = 65_535
# Ports kept from others, each with the descriptor that keeps it until the end of this process.
_reserved: dict[int, int] = {}


class NoFreePort(Exception):
    """Everything that was tried is taken."""


@dataclass(frozen=True)
class PortChange:
    """A server had to take another port than it wanted."""

    name: str
    wanted: int
    assigned: int


def is_port_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Old connections in TIME_WAIT are no reason to move; a listener still refuses.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def reserve_port(port: int) -> bool:
    """Keep other starts on this machine from choosing the port before our server listens there.

    A name in Linux's abstract socket space stands for the reservation: it belongs to one process, whoever its user
    is, and goes when that ends.
    """
    if port in _reserved or sys.platform != "linux":
        return True
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0sameboat/port/{port}")
    except OSError:
        mark.close()
        return False
    _reserved[port] = mark.detach()
    return True


def pick_free_ports(
    names: Iterable[str], *, paired_offsets: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Choose a free port at random for each name.

    `twins` names those that use a second port, so far above the first; it has to be free as well.
    """
    ports: dict[str, int] = {}
    shuffled = random.sample(_RANDOM_PORT_RANGE, k=len(_RANDOM_PORT_RANGE))
    candidates = (port for port in shuffled if port not in _reserved)
    for name in names:
        above = (paired_offsets or {}).get(name)
        ports[name] = next((port for port in candidates if _is_usable(port, above)), 0)
        if not ports[name]:
            raise NoFreePort("every port that servers may take is taken")
    return ports


def assign_ports(
    wanted: Mapping[str, int],
    *,
    saved_in: Path,
    requested: Mapping[str, int] | None = None,
    paired_offsets: Mapping[str, int] | None = None,
    wait_seconds: float = 4.0,
) -> tuple[dict[str, int], list[PortChange]]:
    """Give every name the port asked for, or the one it had last time, or its usual one; or the next free one.

    A port of ours may still be held for a moment by a server that is on its way out, hence the patience.
    """
    before = load_saved_ports(saved_in) | dict(requested or {})
    deadline = time.monotonic() + wait_seconds
    ports: dict[str, int] = {}
    moves: list[PortChange] = []
    for name, usual in wanted.items():
        above = (paired_offsets or {}).get(name)
        first_choice = before.get(name, usual)
        while name in before and not _is_usable(first_choice, above) and time.monotonic() < deadline:
            time.sleep(0.2)
        ports[name] = _next_free(first_choice, above, apart_from=set(ports.values()))
        if ports[name] != first_choice:
            moves.append(PortChange(name, wanted=first_choice, assigned=ports[name]))
    save_ports(ports, path=saved_in)
    return ports, moves


def save_ports(ports: Mapping[str, int], *, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(ports), indent=2) + "\n")


def load_saved_ports(path: Path) -> dict[str, int]:
    """Return the ports of the last start, or none; a file that cannot be read is as good as none."""
    try:
        kept = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(name): int(port) for name, port in kept.items()}


def _is_usable(port: int, above: int | None) -> bool:
    both = [port] if above is None else [port, port + above]
    return all(is_port_free(each) and reserve_port(each) for each in both)


def _next_free(port: int, above: int | None, *, apart_from: set[int]) -> int:
    for candidate in range(port, min(port + 500, _HIGHEST_PORT)):
        if candidate not in apart_from and _is_usable(candidate, above):
            return candidate
    raise NoFreePort(f"every port from {port} on is taken")
