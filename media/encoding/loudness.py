"""Hear the whole sound of a recording before anything is made of it: how loud it is, and where."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media import ffmpeg
from media.encoding.runner import run_ffmpeg
from media.sandbox import ResourceLimits, SandboxMounts

# Sound decodes hundreds of times faster than it plays.
LOUDNESS_LIMITS = ResourceLimits(wall_seconds=10 * 60, cpu_seconds=15 * 60, file_bytes=1024**2)
MOMENTARY_LOUDNESS_PATTERN = re.compile(r"lavfi\.r128\.M=(-?\d+(?:\.\d+)?|-?inf|nan)")
MEASUREMENTS_PER_SECOND = 10  # EBU Tech 3341: momentary loudness, told every 100 ms
MAX_WAVEFORM_BARS = 200
WAVEFORM_FLOOR_LUFS, WAVEFORM_PEAK_LUFS = -50.0, -8.0
MAX_BAR_HEIGHT = 100


@dataclass(frozen=True)
class LoudnessMeasurement:
    """`loudness` in LUFS, None for silence; `levels` from 0 to 100, evenly spread over the recording."""

    integrated_lufs: float | None
    levels: tuple[int, ...]


def measure_loudness(
    source: Path,
    index: int,
    *,
    max_seconds: float,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> LoudnessMeasurement:
    """Decode the sound with this index and measure it; `reached` hears the seconds heard so far.

    Faults in it are passed over here: whether the recording is sound is for the gate to say.
    """
    moments: list[float] = []

    def hear(line: str) -> None:
        found = MOMENTARY_LOUDNESS_PATTERN.fullmatch(line.strip())
        if found is not None:
            moments.append(_parse_lufs(found[1]))
            on_progress(len(moments) / MEASUREMENTS_PER_SECOND)

    words = ffmpeg.loudness_args(source, index, max_seconds=max_seconds)
    ran = run_ffmpeg(
        words,
        mounts=SandboxMounts(source=source),
        limits=LOUDNESS_LIMITS,
        on_line=hear,
        is_cancelled=is_cancelled,
    )
    return LoudnessMeasurement(ffmpeg.parse_integrated_loudness(ran.stderr_tail), waveform_bars(moments))


def waveform_bars(moments: Sequence[float]) -> tuple[int, ...]:
    """Turn loudness by the moment into at most `BARS` heights, each the loudest of its share."""
    count = min(MAX_WAVEFORM_BARS, len(moments))
    shares = [moments[len(moments) * n // count : len(moments) * (n + 1) // count] for n in range(count)]
    return tuple(_bar_height(max(share)) for share in shares)


def _parse_lufs(said: str) -> float:
    level = float(said)
    return level if WAVEFORM_FLOOR_LUFS <= level <= 0 else (0.0 if level > 0 else WAVEFORM_FLOOR_LUFS)


def _bar_height(lufs: float) -> int:
    part = (lufs - WAVEFORM_FLOOR_LUFS) / (WAVEFORM_PEAK_LUFS - WAVEFORM_FLOOR_LUFS)
    return round(MAX_BAR_HEIGHT * max(0.0, min(1.0, part)))
