"""Most of these run `sh` behind the walls: what it cannot do there, a decoder under foreign command cannot either."""

import logging
import os
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from media import sandbox
from media.sandbox import ResourceLimits, RunCancelled, RunTimedOut, SandboxMounts, SandboxUnavailable

SHORT_LIMITS = ResourceLimits(wall_seconds=20, cpu_seconds=10)
SHELL = Path("/bin/sh").resolve()


def run_script(
    script: str, mounts: SandboxMounts | None = None, limits: ResourceLimits = SHORT_LIMITS
) -> tuple[int, list[str]]:
    """Run a script and return its exit code and what it said."""
    lines: list[str] = []
    ran = sandbox.run_in_sandbox(
        [SHELL, "-c", script], mounts=mounts or SandboxMounts(), limits=limits, on_line=lines.append
    )
    return ran.exit_code, lines


def no_process_has_argument(marker: str) -> bool:
    """Whether no process of this machine has the marker among its words."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in words and int(entry.name) != os.getpid():
            return False
    return True


def test_parts_of_ours_are_found_inside_even_where_they_lie_in_a_temporary_folder(tmp_path: Path) -> None:
    assert tmp_path.is_relative_to("/tmp"), "the folder that is empty inside"  # noqa: S108
    part = tmp_path / "part"
    part.write_text("ours")

    code, lines = run_script(f"read words < {part}; echo $words", SandboxMounts(read_only_paths=(part,)))

    assert (code, lines) == (0, ["ours"])


@pytest.fixture
def without_bubblewrap(settings: Settings) -> None:
    settings.BWRAP = "/nowhere/bwrap"


def test_the_walls_stand_on_this_machine() -> None:
    assert sandbox.find_bubblewrap_problem() is None
    assert sandbox.is_bubblewrap_working()


def test_inside_there_is_the_source_the_folder_for_results_and_nothing_of_ours(tmp_path: Path) -> None:
    source, out = tmp_path / "bo's recording.mp4", tmp_path / "out"
    source.write_text("bytes\n")
    out.mkdir()
    code, lines = run_script(
        "read words < /in/source; echo $words; echo $(echo /in/*) $(echo /*); echo made > /out/result",
        SandboxMounts(source=source, out=out),
    )
    assert code == 0
    assert lines[0] == "bytes"
    assert "/work" not in lines[1].split()
    assert "/home" not in lines[1].split()
    assert "/root" not in lines[1].split()
    assert (out / "result").read_text() == "made\n"


def test_the_source_cannot_be_changed(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("as it was")
    code, _ = run_script("echo x > /in/source", SandboxMounts(source=source))
    assert code != 0
    assert source.read_text() == "as it was"


def test_nothing_can_be_written_outside_the_folder_for_results(tmp_path: Path) -> None:
    code, _ = run_script("echo x > /usr/lib/planted", SandboxMounts(out=tmp_path))
    assert code != 0
    assert not Path("/usr/lib/planted").exists()


def test_no_word_of_our_environment_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBOAT_SECRET_KEY", "a-secret-that-nobody-may-read")
    _, lines = run_script("export -p; cat /proc/*/environ 2>/dev/null")
    assert "a-secret-that-nobody-may-read" not in "\n".join(lines)


def test_no_other_process_can_be_seen() -> None:
    _, lines = run_script("echo /proc/[0-9]*")
    assert len(lines[0].split()) <= 3


def test_there_is_no_network() -> None:
    """The name space has its own loopback and no other device."""
    _, lines = run_script("while read line; do echo $line; done < /proc/net/dev")
    assert [line.split(":")[0] for line in lines[2:]] == ["lo"]


def test_a_file_larger_than_allowed_is_not_written(tmp_path: Path) -> None:
    limits = ResourceLimits(wall_seconds=20, cpu_seconds=10, file_bytes=1000)
    code, _ = run_script(
        "while :; do echo 0123456789; done > /out/large", SandboxMounts(out=tmp_path), limits
    )
    assert code != 0
    assert (tmp_path / "large").stat().st_size <= 1000


def test_what_takes_too_much_processor_time_ends() -> None:
    began = time.monotonic()
    code, _ = run_script("while :; do :; done", limits=ResourceLimits(wall_seconds=30, cpu_seconds=1))
    assert code != 0
    assert time.monotonic() - began < 20


def test_what_takes_too_long_ends_with_all_that_it_started() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    with pytest.raises(RunTimedOut):
        run_script(
            f": {marker}; (while :; do :; done) & (while :; do :; done)",
            limits=ResourceLimits(wall_seconds=1, cpu_seconds=30),
        )
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_a_program_that_closes_its_streams_and_goes_on_is_ended_too() -> None:
    with pytest.raises(RunTimedOut):
        run_script(
            "exec >&- 2>&-; while :; do :; done", limits=ResourceLimits(wall_seconds=1, cpu_seconds=30)
        )


def test_something_is_done_meanwhile_and_its_trouble_ends_the_run() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    done: list[float] = []

    def meanwhile() -> None:
        done.append(time.monotonic())
        if len(done) == 3:
            raise RuntimeError(marker)

    with pytest.raises(RuntimeError, match=marker):
        sandbox.run_in_sandbox(
            [SHELL, "-c", f": {marker}; while :; do :; done"],
            mounts=SandboxMounts(),
            limits=SHORT_LIMITS,
            on_poll=meanwhile,
        )
    assert done[-1] - done[0] >= 2 * sandbox.POLL_SECONDS
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_cancelling_ends_it_within_seconds() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    began = time.monotonic()
    with pytest.raises(RunCancelled):
        sandbox.run_in_sandbox(
            [SHELL, "-c", f": {marker}; while :; do :; done"],
            mounts=SandboxMounts(),
            limits=SHORT_LIMITS,
            is_cancelled=lambda: time.monotonic() - began > 0.5,
        )
    assert time.monotonic() - began < 5
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_an_error_of_the_listener_ends_it_too() -> None:
    marker = f"marker-{time.monotonic_ns()}"

    class LeaseLostMeanwhile(Exception):
        pass

    def hear(line: str) -> None:
        raise LeaseLostMeanwhile(line)

    with pytest.raises(LeaseLostMeanwhile):
        sandbox.run_in_sandbox(
            [SHELL, "-c", f": {marker}; echo 1; while :; do :; done"],
            mounts=SandboxMounts(),
            limits=SHORT_LIMITS,
            on_line=hear,
        )
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_only_the_end_of_endless_complaints_is_kept() -> None:
    ran = sandbox.run_in_sandbox(
        [SHELL, "-c", "i=0; while [ $i -lt 20000 ]; do echo complaint-$i >&2; i=$((i+1)); done"],
        mounts=SandboxMounts(),
        limits=SHORT_LIMITS,
    )
    assert len(ran.stderr_tail) <= sandbox.STDERR_TAIL_BYTES
    assert ran.stderr_tail.endswith("complaint-19999\n")


def test_a_path_that_was_not_put_into_the_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="was not put into the room"):
        sandbox.run_in_sandbox(
            [SHELL, tmp_path / "elsewhere"],
            mounts=SandboxMounts(source=tmp_path / "source"),
            limits=SHORT_LIMITS,
        )


@pytest.mark.usefixtures("without_bubblewrap")
def test_where_walls_are_required_nothing_runs_without_them(settings: Settings, tmp_path: Path) -> None:
    settings.SANDBOX = "required"
    with pytest.raises(SandboxUnavailable):
        run_script("echo x > /out/result", SandboxMounts(out=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_bubblewrap")
def test_where_walls_are_preferred_it_runs_under_limits_and_says_so(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SANDBOX = "preferred"
    out = tmp_path / "out"
    out.mkdir()
    with caplog.at_level(logging.WARNING):
        ran = sandbox.run_in_sandbox(
            [SHELL, "-c", 'ulimit -f; echo x > "$0"', out / "result"],
            mounts=SandboxMounts(out=out),
            limits=SHORT_LIMITS,
        )
    assert ran.exit_code == 0
    assert (out / "result").exists()
    assert "without walls" in caplog.text
