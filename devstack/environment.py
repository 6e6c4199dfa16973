"""How one machine is set up: its ports, its keys, its servers, and what Sameboat's processes are told of them."""

import os
from dataclasses import dataclass

from config.env import PREFIX
from devstack.paths import LocalPaths
from devstack.servers import local_secrets, ports
from devstack.servers.seaweedfs import PAIRED_PORT_OFFSETS
from devstack.servers.stack import DEFAULT_PORTS, ServerStack, build_servers

# What a development machine does unless the environment says otherwise.
_DEVELOPMENT_DEFAULTS = {"DEMO": "true", "SANDBOX": "preferred", "EMAIL": "console"}


@dataclass(frozen=True)
class StackConfig:
    """Everything that is settled before the first server starts."""

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
        """Return what Sameboat's processes find in their environment."""
        ours = {
            "SECRET_KEY": self.secrets.secret_key,
            "PUBLIC_ORIGIN": self.address,
            "ALLOWED_HOSTS": f"{ports.HOST},localhost",
            "VAR": str(self.paths.var),
        }
        habits = {PREFIX + name: value for name, value in _DEVELOPMENT_DEFAULTS.items()}
        told = {PREFIX + name: value for name, value in ours.items()}
        fixed = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}
        return habits | dict(os.environ) | told | self.servers.env_variables() | fixed


def configure_stack(
    place: LocalPaths, *, web_port: int | None = None
) -> tuple[StackConfig, list[ports.PortChange]]:
    """Settle on ports that are free now."""
    asked = {} if web_port is None else {"web": web_port}
    settled, moves = ports.assign_ports(
        DEFAULT_PORTS, requested=asked, saved_in=place.ports_file, paired_offsets=PAIRED_PORT_OFFSETS
    )
    return _build_config(place, settled), moves


def load_stack_config(place: LocalPaths) -> StackConfig:
    """Return the set-up of the last start, without a look at who listens there now."""
    return _build_config(place, DEFAULT_PORTS | ports.load_saved_ports(place.ports_file))


def _build_config(place: LocalPaths, assigned_ports: dict[str, int]) -> StackConfig:
    kept = local_secrets.load_or_create_secrets(place.secrets_file)
    origins = [f"http://{host}:{assigned_ports['web']}" for host in (ports.HOST, "localhost")]
    return StackConfig(
        place,
        assigned_ports,
        kept,
        build_servers(place.var, ports=assigned_ports, secrets=kept, origins=origins),
    )
