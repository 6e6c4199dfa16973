"""Assigns loopback ports: the saved port of the last start, or the next free one."""

import json
import random
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
# Below the kernel's ephemeral range (from 32768 on Linux): an outgoing connection could take such a port before the
# server binds it.
_RANDOM_PORT_RANGE = range(20_000, 32_000)
_HIGHEST_PORT = 65_535
# Port -> file descriptor that holds the reservation until this process ends.
_reserved: dict[int, int] = {}


class NoFreePort(Exception):
    """No usable port is left."""


@dataclass(frozen=True)
class PortChange:
    name: str
    wanted: int
    assigned: int


def is_port_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Ignore connections in TIME_WAIT; a listening socket still makes bind fail.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def reserve_port(port: int) -> bool:
    """Prevent other supervisors from choosing the port before our server listens on it.

    The reservation is a name in Linux's abstract socket namespace, which all users share and which the kernel removes
    when the process ends.
    """
    if port in _reserved or sys.platform != "linux":
        return True
    socket_handle = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        socket_handle.bind(f"\0sameboat/port/{port}")
    except OSError:
        socket_handle.close()
        return False
    _reserved[port] = socket_handle.detach()
    return True


def pick_free_ports(
    names: Iterable[str], *, paired_offsets: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Choose a random free port for each name.

    `paired_offsets` lists servers that use a second port at a fixed offset, which must be free as well.
    """
    ports: dict[str, int] = {}
    shuffled = random.sample(_RANDOM_PORT_RANGE, k=len(_RANDOM_PORT_RANGE))
    candidates = (port for port in shuffled if port not in _reserved)
    for name in names:
        paired_offset = (paired_offsets or {}).get(name)
        ports[name] = next((port for port in candidates if _is_usable(port, paired_offset)), 0)
        if not ports[name]:
            raise NoFreePort("no free port found")
    return ports


def assign_ports(
    default_ports: Mapping[str, int],
    *,
    saved_in: Path,
    requested: Mapping[str, int] | None = None,
    paired_offsets: Mapping[str, int] | None = None,
    wait_seconds: float = 4.0,
) -> tuple[dict[str, int], list[PortChange]]:
    """Assign the requested, saved or default port, in this order, or the next free one.

    Waits up to `wait_seconds` for a port that a stopping server of the last start may still hold.
    """
    preferred = load_saved_ports(saved_in) | dict(requested or {})
    deadline = time.monotonic() + wait_seconds
    ports: dict[str, int] = {}
    changes: list[PortChange] = []
    for name, default_port in default_ports.items():
        paired_offset = (paired_offsets or {}).get(name)
        first_choice = preferred.get(name, default_port)
        while (
            name in preferred and not _is_usable(first_choice, paired_offset) and time.monotonic() < deadline
        ):
            time.sleep(0.2)
        ports[name] = _next_free(first_choice, paired_offset, excluded=set(ports.values()))
        if ports[name] != first_choice:
            changes.append(PortChange(name, wanted=first_choice, assigned=ports[name]))
    save_ports(ports, path=saved_in)
    return ports, changes


def save_ports(ports: Mapping[str, int], *, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(ports), indent=2) + "\n")


def load_saved_ports(path: Path) -> dict[str, int]:
    """Empty if the file is missing or malformed."""
    try:
        saved = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(name): int(port) for name, port in saved.items()}


def _is_usable(port: int, paired_offset: int | None) -> bool:
    required_ports = [port] if paired_offset is None else [port, port + paired_offset]
    return all(
        is_port_free(required_port) and reserve_port(required_port) for required_port in required_ports
    )


def _next_free(port: int, paired_offset: int | None, *, excluded: set[int]) -> int:
    for candidate in range(port, min(port + 500, _HIGHEST_PORT)):
        if candidate not in excluded and _is_usable(candidate, paired_offset):
            return candidate
    raise NoFreePort(f"no free port found from {port} on")
