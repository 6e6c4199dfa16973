"""Isolation of the sandbox: scripts try what a compromised decoder could try."""

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
    """Return the exit code and the lines on stdout."""
    lines: list[str] = []
    result = sandbox.run_in_sandbox(
        [SHELL, "-c", script], mounts=mounts or SandboxMounts(), limits=limits, on_line=lines.append
    )
    return result.exit_code, lines


def no_process_has_argument(marker: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command_line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in command_line and int(entry.name) != os.getpid():
            return False
    return True


def test_read_only_paths_below_tmp_are_visible(tmp_path: Path) -> None:
    assert tmp_path.is_relative_to("/tmp"), "the sandbox mounts an empty /tmp"  # noqa: S108
    path = tmp_path / "part"
    path.write_text("ours")

    code, lines = run_script(f"read words < {path}; echo $words", SandboxMounts(read_only_paths=(path,)))

    assert (code, lines) == (0, ["ours"])


@pytest.fixture
def without_bubblewrap(settings: Settings) -> None:
    settings.BWRAP = "/nowhere/bwrap"


def test_bubblewrap_works_on_this_machine() -> None:
    assert sandbox.find_bubblewrap_problem() is None
    assert sandbox.is_bubblewrap_working()


def test_only_the_source_and_the_output_folder_are_visible(tmp_path: Path) -> None:
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


def test_source_is_read_only(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("original")
    code, _ = run_script("echo x > /in/source", SandboxMounts(source=source))
    assert code != 0
    assert source.read_text() == "original"


def test_only_the_output_folder_is_writable(tmp_path: Path) -> None:
    code, _ = run_script("echo x > /usr/lib/planted", SandboxMounts(out=tmp_path))
    assert code != 0
    assert not Path("/usr/lib/planted").exists()


def test_environment_variables_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBOAT_SECRET_KEY", "a-secret-key")
    _, lines = run_script("export -p; cat /proc/*/environ 2>/dev/null")
    assert "a-secret-key" not in "\n".join(lines)


def test_other_processes_are_invisible() -> None:
    _, lines = run_script("echo /proc/[0-9]*")
    assert len(lines[0].split()) <= 3


def test_only_the_loopback_device_exists() -> None:
    _, lines = run_script("while read line; do echo $line; done < /proc/net/dev")
    assert [line.split(":")[0] for line in lines[2:]] == ["lo"]


def test_file_size_limit_is_enforced(tmp_path: Path) -> None:
    limits = ResourceLimits(wall_seconds=20, cpu_seconds=10, file_bytes=1000)
    code, _ = run_script(
        "while :; do echo 0123456789; done > /out/large", SandboxMounts(out=tmp_path), limits
    )
    assert code != 0
    assert (tmp_path / "large").stat().st_size <= 1000


def test_cpu_limit_is_enforced() -> None:
    start = time.monotonic()
    code, _ = run_script("while :; do :; done", limits=ResourceLimits(wall_seconds=30, cpu_seconds=1))
    assert code != 0
    assert time.monotonic() - start < 20


def test_timeout_kills_all_processes_of_the_run() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    with pytest.raises(RunTimedOut):
        run_script(
            f": {marker}; (while :; do :; done) & (while :; do :; done)",
            limits=ResourceLimits(wall_seconds=1, cpu_seconds=30),
        )
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_timeout_applies_after_the_streams_are_closed() -> None:
    with pytest.raises(RunTimedOut):
        run_script(
            "exec >&- 2>&-; while :; do :; done", limits=ResourceLimits(wall_seconds=1, cpu_seconds=30)
        )


def test_exception_in_the_poll_callback_kills_the_run() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    poll_times: list[float] = []

    def meanwhile() -> None:
        poll_times.append(time.monotonic())
        if len(poll_times) == 3:
            raise RuntimeError(marker)

    with pytest.raises(RuntimeError, match=marker):
        sandbox.run_in_sandbox(
            [SHELL, "-c", f": {marker}; while :; do :; done"],
            mounts=SandboxMounts(),
            limits=SHORT_LIMITS,
            on_poll=meanwhile,
        )
    assert poll_times[-1] - poll_times[0] >= 2 * sandbox.POLL_SECONDS
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_cancellation_kills_the_run_within_seconds() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    start = time.monotonic()
    with pytest.raises(RunCancelled):
        sandbox.run_in_sandbox(
            [SHELL, "-c", f": {marker}; while :; do :; done"],
            mounts=SandboxMounts(),
            limits=SHORT_LIMITS,
            is_cancelled=lambda: time.monotonic() - start > 0.5,
        )
    assert time.monotonic() - start < 5
    time.sleep(0.2)
    assert no_process_has_argument(marker)


def test_exception_in_the_line_callback_kills_the_run() -> None:
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


def test_only_the_tail_of_stderr_is_kept() -> None:
    result = sandbox.run_in_sandbox(
        [SHELL, "-c", "i=0; while [ $i -lt 20000 ]; do echo complaint-$i >&2; i=$((i+1)); done"],
        mounts=SandboxMounts(),
        limits=SHORT_LIMITS,
    )
    assert len(result.stderr_tail) <= sandbox.STDERR_TAIL_BYTES
    assert result.stderr_tail.endswith("complaint-19999\n")


def test_path_that_is_not_mounted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not mounted in the sandbox"):
        sandbox.run_in_sandbox(
            [SHELL, tmp_path / "elsewhere"],
            mounts=SandboxMounts(source=tmp_path / "source"),
            limits=SHORT_LIMITS,
        )


@pytest.mark.usefixtures("without_bubblewrap")
def test_nothing_runs_without_a_required_sandbox(settings: Settings, tmp_path: Path) -> None:
    settings.SANDBOX = "required"
    with pytest.raises(SandboxUnavailable):
        run_script("echo x > /out/result", SandboxMounts(out=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_bubblewrap")
def test_missing_preferred_sandbox_logs_a_warning_and_applies_limits(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SANDBOX = "preferred"
    out = tmp_path / "out"
    out.mkdir()
    with caplog.at_level(logging.WARNING):
        result = sandbox.run_in_sandbox(
            [SHELL, "-c", 'ulimit -f; echo x > "$0"', out / "result"],
            mounts=SandboxMounts(out=out),
            limits=SHORT_LIMITS,
        )
    assert result.exit_code == 0
    assert (out / "result").exists()
    assert "without a sandbox" in caplog.text
