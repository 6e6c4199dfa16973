"""Configuration of one machine: ports, secrets, servers, and the environment of Sameboat's processes."""

import os
from dataclasses import dataclass

from config.env import PREFIX
from devstack.paths import LocalPaths
from devstack.servers import local_secrets, ports
from devstack.servers.seaweedfs import PAIRED_PORT_OFFSETS
from devstack.servers.stack import DEFAULT_PORTS, ServerStack, build_servers

_DEVELOPMENT_DEFAULTS = {"DEMO": "true", "SANDBOX": "preferred", "EMAIL": "console"}


@dataclass(frozen=True)
class StackConfig:
    paths: LocalPaths
    ports: dict[str, int]
    secrets: local_secrets.LocalSecrets
    servers: ServerStack

    @property
    def web_port(self) -> int:
        return self.ports["web"]

    @property
    def address(self) -> str:
        return f"http://{ports.HOST}:{self.web_port}"

    @property
    def is_demo(self) -> bool:
        return self.process_environment()[f"{PREFIX}DEMO"].lower() == "true"

    def process_environment(self) -> dict[str, str]:
        """Environment of Sameboat's processes; the caller's own variables override the development defaults."""
        overrides = {
            "SECRET_KEY": self.secrets.secret_key,
            "PUBLIC_ORIGIN": self.address,
            "ALLOWED_HOSTS": f"{ports.HOST},localhost",
            "VAR": str(self.paths.var),
        }
        defaults = {PREFIX + name: value for name, value in _DEVELOPMENT_DEFAULTS.items()}
        prefixed_overrides = {PREFIX + name: value for name, value in overrides.items()}
        fixed = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}
        return defaults | dict(os.environ) | prefixed_overrides | self.servers.provided_env() | fixed


def configure_stack(
    paths: LocalPaths, *, web_port: int | None = None
) -> tuple[StackConfig, list[ports.PortChange]]:
    """Assign free ports; also returns the ports that differ from the preferred ones."""
    requested_ports = {} if web_port is None else {"web": web_port}
    assigned_ports, port_changes = ports.assign_ports(
        DEFAULT_PORTS,
        requested=requested_ports,
        saved_in=paths.ports_file,
        paired_offsets=PAIRED_PORT_OFFSETS,
    )
    return _build_config(paths, assigned_ports), port_changes


def load_stack_config(paths: LocalPaths) -> StackConfig:
    """Configuration of the last start; does not check whether its ports are in use."""
    return _build_config(paths, DEFAULT_PORTS | ports.load_saved_ports(paths.ports_file))


def _build_config(paths: LocalPaths, assigned_ports: dict[str, int]) -> StackConfig:
    secrets = local_secrets.load_or_create_secrets(paths.secrets_file)
    origins = [f"http://{host}:{assigned_ports['web']}" for host in (ports.HOST, "localhost")]
    return StackConfig(
        paths,
        assigned_ports,
        secrets,
        build_servers(paths.var, ports=assigned_ports, secrets=secrets, origins=origins),
    )
