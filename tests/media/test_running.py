from pathlib import Path

import pytest

from media import ffmpeg
from media.running import NoSpaceLeft, run_ffmpeg
from media.sandbox import Limits, Room
from tests.media.films import Studio

LIMITS = Limits(wall_seconds=60, cpu_seconds=60)


def copy(source: Path, *, to: str, out: Path) -> int:
    words = [*ffmpeg.opening(source, at_most=10), "-y", "-c", "copy", "-f", "mpegts", to]
    return run_ffmpeg(words, room=Room(source=source, out=out), limits=LIMITS, cancelled=lambda: False).code


def test_a_full_disk_is_not_taken_for_a_bad_recording(studio: Studio, tmp_path: Path) -> None:
    assert copy(studio.talk(), to="whole.ts", out=tmp_path) == 0
    with pytest.raises(NoSpaceLeft):
        copy(studio.talk(), to="/dev/full", out=tmp_path)
