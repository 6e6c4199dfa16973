"""Bring up everything that Sameboat needs on one machine, watch over it, and leave nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType

from config.local import crew, ground, packages
from config.local.children import Child, Program, ProgramFailed, last_lines
from config.local.claim import Claim, Running
from config.local.errands import Errands
from config.local.parts.server import Server
from config.local.place import ROOT, Place
from config.local.setup import Setup, set_up
from config.local.watch import Watch

_LOOK_EVERY_SECONDS = 0.5
_SERVER_ERROR = 500

Tell = Callable[[str], None]


class AskedToStop(BaseException):
    """Ctrl-C, `make stop` or the end of the terminal; like KeyboardInterrupt it is nobody's error."""


class Supervisor:
    """Holds the claim on one folder and runs Sameboat there until it is asked to stop."""

    def __init__(self, setup: Setup, *, claim: Claim, tell: Tell) -> None:
        self.setup = setup
        self.claim = claim
        self.tell = tell
        self.crew: list[crew.Member] = []
        self.errands = Errands()

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
        self.setup.servers.start()
        if packages.install_packages():
            self.tell("Page packages are installed.")
        self.setup.servers.wait_until_ready()
        self.tell(f"Database, broker and object store are up ({time.monotonic() - began:.1f} s).")
        self._say_state()
        self._prepare()
        self._start_crew()
        self._say_state()
        status = crew.status_of(self.setup.web_port)
        if status is None or status >= _SERVER_ERROR:
            self.tell(
                f"The first page answers with an error ({status}): see {self.setup.place.log_of('web')}"
            )
        self.tell(f"Pages are served ({time.monotonic() - began:.1f} s after the start).")
        self._say_where_to_look()
        if self.setup.demo:
            # What it says is shown whole, and yesterday's codes are of no use.
            self.setup.place.log_of("demo_logins").unlink(missing_ok=True)
            self.errands.add(self._command("demo_logins"), then=self._say_logins)
            self.errands.add(self._command("seed_demo"), then=self._say_how_the_seeding_went)

    def look_after(self) -> None:
        """Start again whatever ends by itself."""
        watch = Watch([*self.setup.servers.each, *self.crew], tell=self.tell)
        while True:
            if watch.look():
                self._say_state()
            self.errands.look()
            time.sleep(_LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop those who ask before those who answer, each group side by side."""
        self.errands.stop()
        for group in (self.crew, self.setup.servers.each):
            _stop_together(group)
        self.tell("Everything has stopped; the data stays.")

    def _start_crew(self) -> None:
        surroundings, log_of = self.setup.environment(), self.setup.place.log_of
        web = crew.web(self.setup.web_port, environment=surroundings, log=log_of("web"))
        self.crew = [
            web,
            crew.quick_worker(environment=surroundings, log=log_of("quick worker")),
            crew.media_worker(environment=surroundings, log=log_of("media worker")),
            crew.clock(self.setup.place.var / "beat-schedule", environment=surroundings, log=log_of("clock")),
        ]
        # Pages first: whoever waits, waits for them.
        web.start()
        web.wait_until_ready(seconds=60)
        for member in self.crew[1:]:
            member.start()

    def _command(self, name: str) -> Program:
        return Program(
            name=name,
            command=[sys.executable, "manage.py", name],
            log=self.setup.place.log_of(name),
            environment=self.setup.environment(),
            folder=ROOT,
        )

    def _prepare(self) -> None:
        child = Child(self._command("prepare"))
        with ExitStack() as stack:
            stack.callback(child.kill)
            code = child.finish(seconds=300)
        if code != 0:
            raise ProgramFailed("prepare", f"ended with exit code {code}", log=child.program.log)

    def _say_state(self) -> None:
        children = {server.name: server.pid for server in (*self.setup.servers.each, *self.crew)}
        self.claim.say(Running(os.getpid(), address=self.setup.address, children=children))

    def _say_where_to_look(self) -> None:
        self.tell("")
        self.tell(f"  Sameboat is at {self.setup.address}")
        self.tell(f"  E-mail is not sent: messages are written to {self.setup.place.log_of('web')}")
        self.tell("  Ctrl-C or `make stop` ends it, `make logs` follows what it does.")
        self.tell("")

    def _say_logins(self, asked: Child) -> None:
        log = asked.program.log
        if asked.exit_code != 0:
            self.tell(f"The demonstration logins cannot be told: see {log}\n{last_lines(log, count=3)}")
            return
        for line in log.read_text().splitlines():
            self.tell(f"  {line}")
        self.tell("")
        self.tell("The demonstration stories go through the real pipeline now and appear one by one.")

    def _say_how_the_seeding_went(self, seeding: Child) -> None:
        log = seeding.program.log
        if seeding.exit_code == 0:
            self.tell("The demonstration stories are in place.")
        else:
            self.tell(f"The demonstration stories are not complete: see {log}\n{last_lines(log, count=3)}")


def supervise(place: Place, *, web_port: int | None, tell: Tell) -> None:
    """Run Sameboat in `place` until asked to stop."""
    claim = Claim.take(place.claim)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_once)
    with suppress(AskedToStop):
        setup, moves = set_up(place, web_port=web_port)
        if moves:
            told = ", ".join(f"{move.got} instead of {move.wanted} for {move.name}" for move in moves)
            tell(f"Some ports are taken by other programs. Using {told}.")
        Supervisor(setup, claim=claim, tell=tell).run()


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
