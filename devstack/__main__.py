"""Command line behind `make run`, `make stop`, `make status`, `make logs` and `make reset`."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from devstack import executables, npm_packages
from devstack.paths import ROOT, LocalPaths
from devstack.processes import lockfile, supervisor
from devstack.servers import data_dir, ports
from devstack.stack_config import load_stack_config
from devstack.subprocesses import ProcessFailed

_EXPECTED_ERRORS = (
    ProcessFailed,
    executables.ExecutableNotFound,
    npm_packages.NpmInstallFailed,
    ports.NoFreePort,
    data_dir.DataDirNotOurs,
    lockfile.StopTimedOut,
    lockfile.UnreadableLockFile,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    run_parser = actions.add_parser("run", help="start everything; Ctrl-C stops it")
    run_parser.add_argument("--port", type=int, default=None, help="port of the web pages")
    actions.add_parser("stop", help="stop a running Sameboat")
    actions.add_parser("status", help="list the running processes")
    actions.add_parser("logs", help="follow the logs")
    actions.add_parser("reset", help="stop and delete all local data")
    actions.add_parser("packages", help="install the npm packages of the web pages")
    manage_parser = actions.add_parser("manage", help="run a Django management command on the local data")
    manage_parser.add_argument("words", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        return action_handlers(LocalPaths.from_environment(), arguments)[arguments.action]()
    except _EXPECTED_ERRORS as error:
        print_line(str(error))
        return 1


def action_handlers(paths: LocalPaths, arguments: argparse.Namespace) -> dict[str, Callable[[], int]]:
    return {
        "run": lambda: run_stack(paths, port=arguments.port),
        "stop": lambda: stop_stack(paths),
        "status": lambda: print_status(paths),
        "logs": lambda: follow_logs(paths),
        "reset": lambda: reset_data(paths),
        "packages": install_packages,
        "manage": lambda: run_manage_command(paths, arguments.words),
    }


def run_stack(paths: LocalPaths, *, port: int | None) -> int:
    try:
        supervisor.run_supervisor(paths, web_port=port, print_line=print_timestamped)
    except lockfile.AlreadyRunning as error:
        print_line(f"Sameboat is already running at {error.status.address or '(starting, no address yet)'}")
        print_line("`make stop` stops it.")
    return 0


def stop_stack(paths: LocalPaths) -> int:
    status = lockfile.stop_lock_holder(paths.lock_file)
    print_line(
        "Sameboat was not running." if status is None else f"Sameboat (process {status.pid}) has stopped."
    )
    return 0


def print_status(paths: LocalPaths) -> int:
    status = lockfile.read_lock_holder(paths.lock_file)
    if status is None:
        print_line("Sameboat is not running; `make run` starts it.")
        return 1
    print_line(f"Sameboat is running at {status.address} (process {status.pid})")
    for name, pid in status.children.items():
        print_line(f"  {name:<14} {f'process {pid}' if pid else 'starting'}")
    return 0


def follow_logs(paths: LocalPaths) -> int:
    files = sorted(str(path) for path in paths.log_dir.glob("*.log"))
    if not files:
        print_line("No log files yet.")
        return 1
    tail = shutil.which("tail")
    if tail is None:
        print_line(f"`tail` not found; the logs are in {paths.log_dir}")
        return 1
    with suppress(KeyboardInterrupt):
        subprocess.run([tail, "-n", "20", "-F", *files], check=False)
    return 0


def run_manage_command(paths: LocalPaths, arguments: list[str]) -> int:
    if lockfile.read_lock_holder(paths.lock_file) is None:
        print_line("The database is not running; start Sameboat with `make run`.")
        return 1
    command = [sys.executable, str(ROOT / "manage.py"), *(word for word in arguments if word != "--")]
    return subprocess.run(command, env=load_stack_config(paths).process_environment(), check=False).returncode


def reset_data(paths: LocalPaths) -> int:
    stop_stack(paths)
    supervisor.delete_local_data(paths)
    print_line(f"Deleted {display_path(paths.var)}; the next `make run` starts with an empty database.")
    return 0


def install_packages() -> int:
    npm_packages.install_npm_packages()
    return 0


def display_path(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def print_timestamped(line: str) -> None:
    """Prefix the line with the time of day unless it is empty or indented."""
    print_line(f"{time.strftime('%H:%M:%S')}  {line}" if line.strip() and not line.startswith(" ") else line)


def print_line(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # The reader of the pipe is gone; keep running without output.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - stays open until the process exits


if __name__ == "__main__":
    sys.exit(main())
