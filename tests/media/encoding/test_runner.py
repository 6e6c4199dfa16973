from pathlib import Path

import pytest

from media import ffmpeg
from media.encoding.runner import DiskFull, run_ffmpeg
from media.sandbox import ResourceLimits, SandboxMounts
from tests.media.sample_recordings import RecordingFactory

LIMITS = ResourceLimits(wall_seconds=60, cpu_seconds=60)


def remux(source: Path, *, to: str, out: Path) -> int:
    args = [*ffmpeg.input_args(source, max_seconds=10), "-y", "-c", "copy", "-f", "mpegts", to]
    return run_ffmpeg(
        args, mounts=SandboxMounts(source=source, out=out), limits=LIMITS, is_cancelled=lambda: False
    ).exit_code


def test_full_disk_raises_disk_full(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    assert remux(recording_factory.video_with_tone(), to="remuxed.ts", out=tmp_path) == 0
    with pytest.raises(DiskFull):
        remux(recording_factory.video_with_tone(), to="/dev/full", out=tmp_path)
