"""Measures loudness before encoding: integrated for normalisation, momentary for the waveform."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.encoding.runner import run_ffmpeg
from media.ffmpeg import QUIET_ARGS, input_args
from media.sandbox import CommandArgument, ResourceLimits, SandboxMounts

# Audio decodes hundreds of times faster than real time.
LOUDNESS_LIMITS = ResourceLimits(wall_seconds=10 * 60, cpu_seconds=15 * 60, file_bytes=1024**2)
TARGET_LUFS = -18.0  # loud enough for speech on phones and laptops, with headroom
MAX_GAIN_DB = 20.0
SILENCE_LUFS = -60.0
MOMENTARY_LOUDNESS_PATTERN = re.compile(r"lavfi\.r128\.M=(-?\d+(?:\.\d+)?|-?inf|nan)")
MEASUREMENTS_PER_SECOND = 10  # EBU Tech 3341: momentary loudness every 100 ms
MAX_WAVEFORM_BARS = 200
WAVEFORM_FLOOR_LUFS, WAVEFORM_PEAK_LUFS = -50.0, -8.0
MAX_BAR_HEIGHT = 100


@dataclass(frozen=True)
class LoudnessMeasurement:
    """`integrated_lufs` is None for silence; `levels` are waveform heights from 0 to 100, evenly spaced in time."""

    integrated_lufs: float | None
    levels: tuple[int, ...]


def measure_loudness(
    source: Path,
    stream_index: int,
    *,
    max_seconds: float,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> LoudnessMeasurement:
    """Decode one audio stream and measure it; `on_progress` receives the seconds measured so far.

    Decoding errors are ignored here; `media.probing.validation` detects damage.
    """
    momentary_lufs: list[float] = []

    def on_line(line: str) -> None:
        match = MOMENTARY_LOUDNESS_PATTERN.fullmatch(line.strip())
        if match is not None:
            momentary_lufs.append(_parse_lufs(match[1]))
            on_progress(len(momentary_lufs) / MEASUREMENTS_PER_SECOND)

    result = run_ffmpeg(
        loudness_args(source, stream_index, max_seconds=max_seconds),
        mounts=SandboxMounts(source=source),
        limits=LOUDNESS_LIMITS,
        on_line=on_line,
        is_cancelled=is_cancelled,
    )
    return LoudnessMeasurement(parse_integrated_loudness(result.stderr_tail), waveform_bars(momentary_lufs))


def loudness_args(source: Path, stream_index: int, *, max_seconds: float) -> list[CommandArgument]:
    """Build ffmpeg arguments that decode one audio stream and print its momentary loudness to stdout."""
    # Progress lines would mix with the measurements on stdout.
    input_options = [
        arg
        for arg in input_args(source, max_seconds=max_seconds, log_level="info")
        if arg not in QUIET_ARGS[1:]
    ]
    ebur128 = "ebur128=metadata=1:framelog=quiet,ametadata=mode=print:key=lavfi.r128.M:file=-:direct=1"
    output_options = [
        "-nostats",
        "-map",
        f"0:{stream_index}",
        "-af",
        ebur128,
        "-sn",
        "-dn",
        "-f",
        "null",
        "-",
    ]
    return [*input_options, *output_options]


def parse_integrated_loudness(log: str) -> float | None:
    """Return the integrated loudness in LUFS from ebur128's last summary; None without one."""
    summaries = re.findall(r"^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS\s*$", log, flags=re.MULTILINE)
    return float(summaries[-1]) if summaries else None


def normalisation_gain(loudness: float | None) -> float:
    """Return the gain in dB that brings a recording to the target loudness; 0 for silence."""
    if loudness is None or loudness < SILENCE_LUFS:
        return 0.0
    return max(-MAX_GAIN_DB, min(MAX_GAIN_DB, TARGET_LUFS - loudness))


def waveform_bars(momentary_lufs: Sequence[float]) -> tuple[int, ...]:
    """Reduce momentary loudness to at most `MAX_WAVEFORM_BARS` heights: the maximum of each interval."""
    total = len(momentary_lufs)
    count = min(MAX_WAVEFORM_BARS, total)
    intervals = [momentary_lufs[total * n // count : total * (n + 1) // count] for n in range(count)]
    return tuple(_bar_height(max(interval)) for interval in intervals)


def _parse_lufs(value: str) -> float:
    lufs = float(value)
    return lufs if WAVEFORM_FLOOR_LUFS <= lufs <= 0 else (0.0 if lufs > 0 else WAVEFORM_FLOOR_LUFS)


def _bar_height(lufs: float) -> int:
    fraction = (lufs - WAVEFORM_FLOOR_LUFS) / (WAVEFORM_PEAK_LUFS - WAVEFORM_FLOOR_LUFS)
    return round(MAX_BAR_HEIGHT * max(0.0, min(1.0, fraction)))
