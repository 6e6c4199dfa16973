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

from config.local import claim, ground, packages, ports, programs, supervisor
from config.local.children import ProgramFailed
from config.local.place import ROOT, Place
from config.local.setup import look_up

_WENT_WRONG = (
    ProgramFailed,
    programs.ProgramMissing,
    packages.PackagesMissing,
    ports.NoFreePort,
    ground.GroundTaken,
    claim.WillNotStop,
    claim.UnreadableClaim,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.local", description=__doc__)
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
        return acts(Place.here(), wanted)[wanted.action]()
    except _WENT_WRONG as problem:
        say(str(problem))
        return 1


def acts(place: Place, wanted: argparse.Namespace) -> dict[str, Callable[[], int]]:
    return {
        "run": lambda: run(place, port=wanted.port),
        "stop": lambda: stop(place),
        "status": lambda: status(place),
        "logs": lambda: logs(place),
        "reset": lambda: reset(place),
        "packages": install,
        "manage": lambda: manage(place, wanted.words),
    }


def run(place: Place, *, port: int | None) -> int:
    try:
        supervisor.supervise(place, web_port=port, tell=tell)
    except claim.AlreadyRunning as known:
        say(
            f"Sameboat is already running at {known.running.address or 'an address that it is about to tell'}"
        )
        say("`make stop` ends it.")
    return 0


def stop(place: Place) -> int:
    stopped = claim.stop_whoever_runs(place.claim)
    say("Sameboat was not running." if stopped is None else f"Sameboat (process {stopped.pid}) has stopped.")
    return 0


def status(place: Place) -> int:
    running = claim.who_runs(place.claim)
    if running is None:
        say("Sameboat is not running; `make run` starts it.")
        return 1
    say(f"Sameboat is running at {running.address} (process {running.pid})")
    for name, pid in running.children.items():
        say(f"  {name:<14} {f'process {pid}' if pid else 'about to start'}")
    return 0


def logs(place: Place) -> int:
    files = sorted(str(path) for path in place.logs.glob("*.log"))
    if not files:
        say("There are no logs yet.")
        return 1
    tail = shutil.which("tail")
    if tail is None:
        say(f"There is no `tail` here; the logs are in {place.logs}")
        return 1
    with suppress(KeyboardInterrupt):
        subprocess.run([tail, "-n", "20", "-F", *files], check=False)
    return 0


def manage(place: Place, words: list[str]) -> int:
    if claim.who_runs(place.claim) is None:
        say("Sameboat is not running, and its database neither; start it with `make run`.")
        return 1
    command = [sys.executable, str(ROOT / "manage.py"), *(word for word in words if word != "--")]
    return subprocess.run(command, env=look_up(place).environment(), check=False).returncode


def reset(place: Place) -> int:
    stop(place)
    supervisor.remove(place)
    say(f"{shown(place.var)} is gone; the next `make run` starts afresh.")
    return 0


def install() -> int:
    packages.install_packages()
    return 0


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def tell(line: str) -> None:
    """Say it with the time of day; an empty or indented line stands for itself."""
    say(f"{time.strftime('%H:%M:%S')}  {line}" if line.strip() and not line.startswith(" ") else line)


def say(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever listened has gone; the work goes on.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - it stays open as long as we live


if __name__ == "__main__":
    sys.exit(main())
