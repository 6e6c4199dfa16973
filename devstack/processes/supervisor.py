"""Bring up everything that Sameboat needs on one machine, watch over it, and leave nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType

from devstack import npm_packages
from devstack.environment import StackConfig, configure_stack
from devstack.paths import ROOT, LocalPaths
from devstack.processes import app_processes
from devstack.processes.lockfile import LockFile, SupervisorStatus
from devstack.processes.one_off import OneOffQueue
from devstack.processes.restarts import RestartMonitor
from devstack.processes.subprocesses import ChildProcess, ProcessFailed, ProcessSpec, log_tail
from devstack.servers import data_dir
from devstack.servers.base import Server

_POLL_SECONDS = 0.5
_SERVER_ERROR = 500

PrintLine = Callable[[str], None]


class StopRequested(BaseException):
    """Ctrl-C, `make stop` or the end of the terminal; like KeyboardInterrupt it is nobody's error."""


class Supervisor:
    """Holds the claim on one folder and runs Sameboat there until it is asked to stop."""

    def __init__(self, config: StackConfig, *, lock_file: LockFile, print_line: PrintLine) -> None:
        self.config = config
        self.lock_file = lock_file
        self.print_line = print_line
        self.app_processes: list[app_processes.AppProcess] = []
        self.one_off_queue = OneOffQueue()

    def run(self) -> None:
        """Work until AskedToStop; whatever happens, end every child on the way out."""
        with ExitStack() as stack:
            stack.callback(self.lock_file.release)
            stack.callback(self.stop_all)
            self.start_all()
            self.monitor()

    def start_all(self) -> None:
        began = time.monotonic()
        self._write_status()
        self.config.servers.start()
        if npm_packages.install_npm_packages(development=False):
            self.print_line("Page packages are installed.")
        self.config.servers.wait_until_ready()
        self.print_line(f"Database, broker and object store are up ({time.monotonic() - began:.1f} s).")
        self._write_status()
        self._run_prepare_command()
        self._start_app_processes()
        self._write_status()
        status = app_processes.fetch_http_status(self.config.web_port)
        if status is None or status >= _SERVER_ERROR:
            self.print_line(
                f"The first page answers with an error ({status}): see {self.config.paths.log_file('web')}"
            )
        self.print_line(f"Pages are served ({time.monotonic() - began:.1f} s after the start).")
        self._print_addresses()
        if self.config.is_demo:
            # What it says is shown whole, and yesterday's codes are of no use.
            self.config.paths.log_file("demo_logins").unlink(missing_ok=True)
            self.one_off_queue.add_command(
                self._manage_command("demo_logins"), on_exit=self._print_demo_logins
            )
            self.one_off_queue.add_command(
                self._manage_command("seed_demo"), on_exit=self._print_seeding_result
            )

    def monitor(self) -> None:
        """Start again whatever ends by itself."""
        watch = RestartMonitor(
            [*self.config.servers.in_start_order, *self.app_processes], print_line=self.print_line
        )
        while True:
            if watch.poll():
                self._write_status()
            self.one_off_queue.poll()
            time.sleep(_POLL_SECONDS)

    def stop_all(self) -> None:
        """Stop those who ask before those who answer, each group side by side."""
        self.one_off_queue.stop()
        for group in (self.app_processes, self.config.servers.in_start_order):
            _stop_in_parallel(group)
        self.print_line("Everything has stopped; the data stays.")

    def _start_app_processes(self) -> None:
        surroundings, log_of = self.config.process_environment(), self.config.paths.log_file
        web = app_processes.web_process(self.config.web_port, environment=surroundings, log=log_of("web"))
        self.app_processes = [
            web,
            app_processes.quick_worker_process(environment=surroundings, log=log_of("quick worker")),
            app_processes.media_worker_process(environment=surroundings, log=log_of("media worker")),
            app_processes.beat_process(
                self.config.paths.var / "beat-schedule", environment=surroundings, log=log_of("clock")
            ),
        ]
        # Pages first: whoever waits, waits for them.
        web.start()
        web.wait_until_ready(seconds=60)
        for member in self.app_processes[1:]:
            member.start()

    def _manage_command(self, name: str) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=[sys.executable, "manage.py", name],
            log=self.config.paths.log_file(name),
            environment=self.config.process_environment(),
            working_dir=ROOT,
        )

    def _run_prepare_command(self) -> None:
        child = ChildProcess(self._manage_command("prepare"))
        with ExitStack() as stack:
            stack.callback(child.kill)
            code = child.wait_for_exit(seconds=300)
        if code != 0:
            raise ProcessFailed("prepare", f"ended with exit code {code}", log=child.spec.log)

    def _write_status(self) -> None:
        children = {
            server.name: server.pid for server in (*self.config.servers.in_start_order, *self.app_processes)
        }
        self.lock_file.write_status(
            SupervisorStatus(os.getpid(), address=self.config.address, children=children)
        )

    def _print_addresses(self) -> None:
        self.print_line("")
        self.print_line(f"  Sameboat is at {self.config.address}")
        self.print_line(f"  E-mail is not sent: messages are written to {self.config.paths.log_file('web')}")
        self.print_line("  Ctrl-C or `make stop` ends it, `make logs` follows what it does.")
        self.print_line("")

    def _print_demo_logins(self, asked: ChildProcess) -> None:
        log = asked.spec.log
        if asked.exit_code != 0:
            self.print_line(f"The demonstration logins cannot be told: see {log}\n{log_tail(log, count=3)}")
            return
        for line in log.read_text().splitlines():
            self.print_line(f"  {line}")
        self.print_line("")
        self.print_line("The demonstration stories go through the real pipeline now and appear one by one.")

    def _print_seeding_result(self, seeding: ChildProcess) -> None:
        log = seeding.spec.log
        if seeding.exit_code == 0:
            self.print_line("The demonstration stories are in place.")
        else:
            self.print_line(
                f"The demonstration stories are not complete: see {log}\n{log_tail(log, count=3)}"
            )


def run_supervisor(place: LocalPaths, *, web_port: int | None, print_line: PrintLine) -> None:
    """Run Sameboat in `place` until asked to stop."""
    claim = LockFile.acquire(place.lock_file)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stop_requested)
    with suppress(StopRequested):
        setup, moves = configure_stack(place, web_port=web_port)
        if moves:
            told = ", ".join(f"{move.assigned} instead of {move.wanted} for {move.name}" for move in moves)
            print_line(f"Some ports are taken by other programs. Using {told}.")
        Supervisor(setup, lock_file=claim, print_line=print_line).run()


def delete_local_data(place: LocalPaths) -> None:
    """Delete all data of `place`, wherever the database had to go."""
    data_dir.remove_data_dir(place.postgres_dir)
    data_dir.remove_data_dir(place.var)


def _stop_in_parallel(group: list[app_processes.AppProcess] | tuple[Server, ...]) -> None:
    for server in group:
        server.send_stop_signal()
    deadline = time.monotonic() + 8.0
    for server in group:
        server.stop(grace=max(0.0, deadline - time.monotonic()))


def _raise_stop_requested(_number: int, _frame: FrameType | None) -> None:
    # Whoever presses Ctrl-C twice must not interrupt the stopping.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise StopRequested
