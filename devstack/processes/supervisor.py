"""Starts the servers and Sameboat's processes on one machine, restarts them, and stops all of them on exit."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType

from devstack import npm_packages
from devstack.paths import ROOT, LocalPaths
from devstack.processes import app_processes
from devstack.processes.lockfile import LockFile, SupervisorStatus
from devstack.processes.one_off import OneOffQueue
from devstack.processes.restarts import RestartMonitor
from devstack.servers import data_dir
from devstack.servers.base import Server
from devstack.stack_config import StackConfig, configure_stack
from devstack.subprocesses import ChildProcess, ProcessFailed, ProcessSpec, log_tail

_POLL_SECONDS = 0.5
_SERVER_ERROR = 500

PrintLine = Callable[[str], None]


class StopRequested(BaseException):
    """Ctrl-C, `make stop` or a closed terminal. Derives from BaseException, like KeyboardInterrupt."""


class Supervisor:
    def __init__(self, config: StackConfig, *, lock_file: LockFile, print_line: PrintLine) -> None:
        self.config = config
        self.lock_file = lock_file
        self.print_line = print_line
        self.app_processes: list[app_processes.AppProcess] = []
        self.one_off_queue = OneOffQueue()

    def run(self) -> None:
        """Runs until StopRequested; stops every child process on exit, also after an error."""
        with ExitStack() as stack:
            stack.callback(self.lock_file.release)
            stack.callback(self.stop_all)
            self.start_all()
            self.monitor()

    def start_all(self) -> None:
        started_at = time.monotonic()
        self._write_status()
        self.config.servers.start()
        if npm_packages.install_npm_packages(development=False):
            self.print_line("Installed the npm packages of the web pages.")
        self.config.servers.wait_until_ready()
        self.print_line(
            f"Database, broker and object store are ready ({time.monotonic() - started_at:.1f} s)."
        )
        self._write_status()
        self._run_prepare_release()
        self._start_app_processes()
        self._write_status()
        status = app_processes.fetch_http_status(self.config.web_port)
        if status is None or status >= _SERVER_ERROR:
            self.print_line(
                f"The home page returned an error ({status}): see {self.config.paths.log_file('web')}"
            )
        self.print_line(f"The web server is ready ({time.monotonic() - started_at:.1f} s after start).")
        self._print_addresses()
        if self.config.is_demo:
            # Its log is printed in full below, and codes of earlier starts have expired.
            self.config.paths.log_file("demo_logins").unlink(missing_ok=True)
            self.one_off_queue.add_command(
                self._manage_command("demo_logins"), on_exit=self._print_demo_logins
            )
            self.one_off_queue.add_command(
                self._manage_command("seed_demo"), on_exit=self._print_seeding_result
            )

    def monitor(self) -> None:
        """Restart exited processes and run one-off commands until interrupted."""
        restart_monitor = RestartMonitor(
            [*self.config.servers.in_start_order, *self.app_processes], print_line=self.print_line
        )
        while True:
            if restart_monitor.poll():
                self._write_status()
            self.one_off_queue.poll()
            time.sleep(_POLL_SECONDS)

    def stop_all(self) -> None:
        """Stop Sameboat's processes before the servers they use; each group stops in parallel."""
        self.one_off_queue.stop()
        for group in (self.app_processes, self.config.servers.in_start_order):
            _stop_in_parallel(group)
        self.print_line("Stopped all processes; the data is kept.")

    def _start_app_processes(self) -> None:
        environment, log_of = self.config.process_environment(), self.config.paths.log_file
        web = app_processes.web_process(self.config.web_port, environment=environment, log=log_of("web"))
        self.app_processes = [
            web,
            app_processes.quick_worker_process(environment=environment, log=log_of("quick worker")),
            app_processes.media_worker_process(environment=environment, log=log_of("media worker")),
            app_processes.beat_process(
                self.config.paths.var / "beat-schedule", environment=environment, log=log_of("beat")
            ),
        ]
        # The web server first, because people wait for it.
        web.start()
        web.wait_until_ready(seconds=60)
        for process in self.app_processes[1:]:
            process.start()

    def _manage_command(self, name: str) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=[sys.executable, "manage.py", name],
            log=self.config.paths.log_file(name),
            environment=self.config.process_environment(),
            working_dir=ROOT,
        )

    def _run_prepare_release(self) -> None:
        child = ChildProcess(self._manage_command("prepare_release"))
        with ExitStack() as stack:
            stack.callback(child.kill)
            code = child.wait_for_exit(seconds=300)
        if code != 0:
            raise ProcessFailed("prepare_release", f"exited with code {code}", log=child.spec.log)

    def _write_status(self) -> None:
        children = {
            server.name: server.pid for server in (*self.config.servers.in_start_order, *self.app_processes)
        }
        self.lock_file.write_status(
            SupervisorStatus(os.getpid(), address=self.config.address, children=children)
        )

    def _print_addresses(self) -> None:
        self.print_line("")
        self.print_line(f"  Sameboat is running at {self.config.address}")
        self.print_line(f"  E-mail is not sent but written to {self.config.paths.log_file('web')}")
        self.print_line("  Ctrl-C or `make stop` stops it; `make logs` follows the logs.")
        self.print_line("")

    def _print_demo_logins(self, child: ChildProcess) -> None:
        log = child.spec.log
        if child.exit_code != 0:
            self.print_line(f"Could not create the demonstration logins: see {log}\n{log_tail(log, count=3)}")
            return
        for line in log.read_text().splitlines():
            self.print_line(f"  {line}")
        self.print_line("")
        self.print_line("The demonstration stories are being processed and will appear one by one.")

    def _print_seeding_result(self, child: ChildProcess) -> None:
        log = child.spec.log
        if child.exit_code == 0:
            self.print_line("The demonstration stories are complete.")
        else:
            self.print_line(
                f"The demonstration stories are not complete: see {log}\n{log_tail(log, count=3)}"
            )


def run_supervisor(paths: LocalPaths, *, web_port: int | None, print_line: PrintLine) -> None:
    """Run until a stop signal arrives. Raises AlreadyRunning."""
    lock = LockFile.acquire(paths.lock_file)
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _raise_stop_requested)
    with suppress(StopRequested):
        config, port_changes = configure_stack(paths, web_port=web_port)
        if port_changes:
            changes = ", ".join(
                f"{change.assigned} instead of {change.wanted} for {change.name}" for change in port_changes
            )
            print_line(f"Some ports are in use by other programs. Using {changes}.")
        Supervisor(config, lock_file=lock, print_line=print_line).run()


def delete_local_data(paths: LocalPaths) -> None:
    """Delete all data, including a database folder outside `paths.var`."""
    data_dir.remove_data_dir(paths.postgres_dir)
    data_dir.remove_data_dir(paths.var)


def _stop_in_parallel(group: list[app_processes.AppProcess] | tuple[Server, ...]) -> None:
    for server in group:
        server.send_stop_signal()
    deadline = time.monotonic() + 8.0
    for server in group:
        server.stop(grace=max(0.0, deadline - time.monotonic()))


def _raise_stop_requested(_number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the shutdown.
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    raise StopRequested
