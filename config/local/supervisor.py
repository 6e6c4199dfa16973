"""Bring up everything that Sameboat needs on one machine, watch over it, and leave nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType

from config.env import PREFIX
from config.local import crew, ground, keys, packages, ports
from config.local.children import Child, Program, ProgramFailed, last_lines
from config.local.claim import Claim, Running
from config.local.parts.server import Server
from config.local.place import ROOT, Place
from config.local.servers import PORT_TWINS, USUAL_PORTS, Servers, lay_out
from config.local.watch import Watch

_LOOK_EVERY_SECONDS = 0.5
# What a development machine does unless the environment says otherwise.
_HABITS = {"DEMO": "true", "SANDBOX": "preferred", "EMAIL": "console"}
_SERVER_ERROR = 500

Tell = Callable[[str], None]


class AskedToStop(BaseException):
    """Ctrl-C, `make stop` or the end of the terminal; like KeyboardInterrupt it is nobody's error."""


class Supervisor:
    """Holds the claim on one folder and runs Sameboat there until it is asked to stop."""

    def __init__(self, place: Place, *, claim: Claim, web_port: int | None, tell: Tell) -> None:
        self.place = place
        self.claim = claim
        self.tell = tell
        asked = {} if web_port is None else {"web": web_port}
        self.ports, moves = ports.settle(USUAL_PORTS, asked=asked, remembered=place.ports, twins=PORT_TWINS)
        for move in moves:
            tell(f"Port {move.wanted} ({move.name}) is taken by another program; using {move.got}.")
        self.keys = keys.keep(place.keys)
        self.servers: Servers = lay_out(
            place.var, ports=self.ports, keys=self.keys, origins=[self.address, self._by_name]
        )
        self.crew: list[crew.Member] = []
        self._seeding: Child | None = None

    @property
    def address(self) -> str:
        return f"http://{ports.HOST}:{self.ports['web']}"

    @property
    def _by_name(self) -> str:
        return f"http://localhost:{self.ports['web']}"

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

    def run(self) -> None:
        """Work until AskedToStop; whatever happens, end every child on the way out."""
        with ExitStack() as stack:
            stack.callback(self.claim.let_go)
            stack.callback(self.stop)
            self.bring_up()
            self.look_after()

    def bring_up(self) -> None:
        began = time.monotonic()
        self._say_state()
        if packages.install_packages():
            self.tell("Page packages are installed.")
        self.servers.start()
        self.tell(f"Database, broker and object store are up ({time.monotonic() - began:.1f} s).")
        self._manage("prepare", seconds=300)
        self._start_crew()
        self._say_state()
        status = crew.status_of(self.ports["web"])
        if status is None or status >= _SERVER_ERROR:
            self.tell(f"The first page answers with an error ({status}): see {self.place.log_of('web')}")
        self.tell(f"Pages are served ({time.monotonic() - began:.1f} s after the start).")
        if self.environment()[f"{PREFIX}DEMO"].lower() == "true":
            self._seeding = self._begin("seed_demo")
        self._say_where_to_look()

    def look_after(self) -> None:
        """Start again whatever ends by itself."""
        watch = Watch([*self.servers.each, *self.crew], tell=self.tell)
        while True:
            if watch.look():
                self._say_state()
            self._ask_how_the_seeding_goes()
            time.sleep(_LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop those who ask before those who answer, each group side by side."""
        if self._seeding is not None:
            self._seeding.stop(grace=2.0)
        for group in (self.crew, self.servers.each):
            _stop_together(group)
        self.tell("Everything has stopped; the data stays.")

    def _start_crew(self) -> None:
        surroundings, log_of = self.environment(), self.place.log_of
        web = crew.web(self.ports["web"], environment=surroundings, log=log_of("web"))
        self.crew = [
            web,
            crew.quick_worker(environment=surroundings, log=log_of("quick worker")),
            crew.media_worker(environment=surroundings, log=log_of("media worker")),
            crew.clock(self.place.var / "beat-schedule", environment=surroundings, log=log_of("clock")),
        ]
        for member in self.crew:
            member.start()
        web.wait_until_ready(seconds=60)

    def _begin(self, command: str) -> Child:
        return Child(
            Program(
                name=command,
                command=[sys.executable, "manage.py", command],
                log=self.place.log_of(command),
                environment=self.environment(),
                folder=ROOT,
            )
        )

    def _manage(self, command: str, *, seconds: float) -> None:
        child = self._begin(command)
        with ExitStack() as stack:
            stack.callback(child.kill)
            code = child.finish(seconds=seconds)
        if code != 0:
            raise ProgramFailed(command, f"ended with exit code {code}", log=child.program.log)

    def _ask_how_the_seeding_goes(self) -> None:
        if self._seeding is None or self._seeding.alive:
            return
        if self._seeding.exit_code == 0:
            self.tell("The demonstration stories are in place.")
        else:
            log = self._seeding.program.log
            self.tell(f"The demonstration stories are not complete: see {log}\n{last_lines(log, count=3)}")
        self._seeding = None

    def _say_state(self) -> None:
        children = {server.name: server.pid for server in (*self.servers.each, *self.crew)}
        self.claim.say(Running(os.getpid(), address=self.address, children=children))

    def _say_where_to_look(self) -> None:
        self.tell("")
        self.tell(f"  Sameboat is at {self.address}")
        self.tell(f"  E-mail is not sent: messages are written to {self.place.log_of('web')}")
        self.tell("  Ctrl-C or `make stop` ends it, `make logs` follows what it does.")
        log = self.place.log_of("demo_logins")
        log.unlink(missing_ok=True)
        self._manage("demo_logins", seconds=60)
        for line in log.read_text().splitlines():
            self.tell(f"  {line}")
        self.tell("")


def supervise(place: Place, *, web_port: int | None, tell: Tell) -> None:
    """Run Sameboat in `place` until asked to stop."""
    claim = Claim.take(place.claim)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_once)
    with suppress(AskedToStop):
        Supervisor(place, claim=claim, web_port=web_port, tell=tell).run()


def remove(place: Place) -> None:
    """Delete all data of `place`, wherever the database had to go."""
    ground.remove_ground(place.database)
    ground.remove_ground(place.var)


def _stop_together(group: list[crew.Member] | tuple[Server, ...]) -> None:
    for server in group:
        server.ask_to_stop()
    deadline = time.monotonic() + 8.0
    for server in group:
        server.stop(grace=max(0.0, deadline - time.monotonic()))


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    # Whoever presses Ctrl-C twice must not interrupt the stopping.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise AskedToStop
