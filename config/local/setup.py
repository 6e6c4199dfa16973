"""How one machine is set up: its ports, its keys, its servers, and what Sameboat's processes are told of them."""

import os
from dataclasses import dataclass

from config.env import PREFIX
from config.local import keys, ports
from config.local.place import Place
from config.local.servers import PORT_TWINS, USUAL_PORTS, Servers, lay_out

# What a development machine does unless the environment says otherwise.
_HABITS = {"DEMO": "true", "SANDBOX": "preferred", "EMAIL": "console"}


@dataclass(frozen=True)
class Setup:
    """Everything that is settled before the first server starts."""

    place: Place
    ports: dict[str, int]
    keys: keys.Keys
    servers: Servers

    @property
    def web_port(self) -> int:
        return self.ports["web"]

    @property
    def address(self) -> str:
        return f"http://{ports.HOST}:{self.web_port}"

    @property
    def demo(self) -> bool:
        return self.environment()[f"{PREFIX}DEMO"].lower() == "true"

    def environment(self) -> dict[str, str]:
        """Return what Sameboat's processes find in their environment."""
        ours = {
            "SECRET_KEY": self.keys.secret_key,
            "PUBLIC_ORIGIN": self.address,
            "ALLOWED_HOSTS": f"{ports.HOST},localhost",
            "VAR": str(self.place.var),
        }
        habits = {PREFIX + name: value for name, value in _HABITS.items()}
        told = {PREFIX + name: value for name, value in ours.items()}
        fixed = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}
        return habits | dict(os.environ) | told | self.servers.variables() | fixed


def set_up(place: Place, *, web_port: int | None = None) -> tuple[Setup, list[ports.Move]]:
    """Settle on ports that are free now."""
    asked = {} if web_port is None else {"web": web_port}
    settled, moves = ports.settle(USUAL_PORTS, asked=asked, remembered=place.ports, twins=PORT_TWINS)
    return _describe(place, settled), moves


def look_up(place: Place) -> Setup:
    """Return the set-up of the last start, without a look at who listens there now."""
    return _describe(place, USUAL_PORTS | ports.recall(place.ports))


def _describe(place: Place, settled: dict[str, int]) -> Setup:
    kept = keys.keep(place.keys)
    origins = [f"http://{host}:{settled['web']}" for host in (ports.HOST, "localhost")]
    return Setup(place, settled, kept, lay_out(place.var, ports=settled, keys=kept, origins=origins))
