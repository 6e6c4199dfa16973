"""The command line behind `make run`, `make stop`, `make status`, `make logs` and `make reset`."""

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
from devstack.environment import load_stack_config
from devstack.paths import ROOT, LocalPaths
from devstack.processes import lockfile, supervisor
from devstack.processes.subprocesses import ProcessFailed
from devstack.servers import data_dir, ports

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
    run_parser = actions.add_parser("run", help="start everything and stay until Ctrl-C")
    run_parser.add_argument("--port", type=int, default=None, help="port of the web pages")
    actions.add_parser("stop", help="stop it from another terminal")
    actions.add_parser("status", help="say what is running")
    actions.add_parser("logs", help="follow the logs")
    actions.add_parser("reset", help="stop and delete all local data")
    actions.add_parser("packages", help="install what the pages load from npm")
    manage_parser = actions.add_parser("manage", help="run a Django command on the local data")
    manage_parser.add_argument("words", nargs=argparse.REMAINDER)
    wanted = parser.parse_args()
    try:
        return action_handlers(LocalPaths.from_environment(), wanted)[wanted.action]()
    except _EXPECTED_ERRORS as problem:
        print_line(str(problem))
        return 1


def action_handlers(place: LocalPaths, arguments: argparse.Namespace) -> dict[str, Callable[[], int]]:
    return {
        "run": lambda: run_stack(place, port=arguments.port),
        "stop": lambda: stop_stack(place),
        "status": lambda: print_status(place),
        "logs": lambda: follow_logs(place),
        "reset": lambda: reset_data(place),
        "packages": install_packages,
        "manage": lambda: run_manage_command(place, arguments.words),
    }


def run_stack(place: LocalPaths, *, port: int | None) -> int:
    try:
        supervisor.run_supervisor(place, web_port=port, print_line=print_timestamped)
    except lockfile.AlreadyRunning as known:
        print_line(
            f"Sameboat is already running at {known.status.address or 'an address that it is about to tell'}"
        )
        print_line("`make stop` ends it.")
    return 0


def stop_stack(place: LocalPaths) -> int:
    stopped = lockfile.stop_lock_holder(place.lock_file)
    print_line(
        "Sameboat was not running." if stopped is None else f"Sameboat (process {stopped.pid}) has stopped."
    )
    return 0


def print_status(place: LocalPaths) -> int:
    running = lockfile.read_lock_holder(place.lock_file)
    if running is None:
        print_line("Sameboat is not running; `make run` starts it.")
        return 1
    print_line(f"Sameboat is running at {running.address} (process {running.pid})")
    for name, pid in running.children.items():
        print_line(f"  {name:<14} {f'process {pid}' if pid else 'about to start'}")
    return 0


def follow_logs(place: LocalPaths) -> int:
    files = sorted(str(path) for path in place.log_dir.glob("*.log"))
    if not files:
        print_line("There are no logs yet.")
        return 1
    tail = shutil.which("tail")
    if tail is None:
        print_line(f"There is no `tail` here; the logs are in {place.log_dir}")
        return 1
    with suppress(KeyboardInterrupt):
        subprocess.run([tail, "-n", "20", "-F", *files], check=False)
    return 0


def run_manage_command(place: LocalPaths, arguments: list[str]) -> int:
    if lockfile.read_lock_holder(place.lock_file) is None:
        print_line("Sameboat is not running, and its database neither; start it with `make run`.")
        return 1
    command = [sys.executable, str(ROOT / "manage.py"), *(word for word in arguments if word != "--")]
    return subprocess.run(command, env=load_stack_config(place).process_environment(), check=False).returncode


def reset_data(place: LocalPaths) -> int:
    stop_stack(place)
    supervisor.delete_local_data(place)
    print_line(f"{display_path(place.var)} is gone; the next `make run` starts afresh.")
    return 0


def install_packages() -> int:
    npm_packages.install_npm_packages()
    return 0


def display_path(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def print_timestamped(line: str) -> None:
    """Say it with the time of day; an empty or indented line stands for itself."""
    print_line(f"{time.strftime('%H:%M:%S')}  {line}" if line.strip() and not line.startswith(" ") else line)


def print_line(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever listened has gone; the work goes on.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - it stays open as long as we live


if __name__ == "__main__":
    sys.exit(main())
