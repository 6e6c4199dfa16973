"""Hear the whole sound of a recording before anything is made of it: how loud it is, and where."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media import ffmpeg
from media.running import run_ffmpeg
from media.sandbox import Limits, Room

# Sound decodes hundreds of times faster than it plays.
LISTEN = Limits(wall_seconds=10 * 60, cpu_seconds=15 * 60, file_bytes=1024**2)
MOMENT = re.compile(r"lavfi\.r128\.M=(-?\d+(?:\.\d+)?|-?inf|nan)")
MOMENTS_A_SECOND = 10  # EBU Tech 3341: momentary loudness, told every 100 ms
BARS = 200
FAINT_LUFS, FULL_LUFS = -50.0, -8.0
TALLEST = 100


@dataclass(frozen=True)
class Heard:
    """`loudness` in LUFS, None for silence; `levels` from 0 to 100, evenly spread over the recording."""

    loudness: float | None
    levels: tuple[int, ...]


def listen(
    source: Path,
    index: int,
    *,
    at_most: float,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None],
) -> Heard:
    """Decode the sound with this index and measure it; `reached` hears the seconds heard so far.

    Faults in it are passed over here: whether the recording is sound is for the gate to say.
    """
    moments: list[float] = []

    def hear(line: str) -> None:
        found = MOMENT.fullmatch(line.strip())
        if found is not None:
            moments.append(_finite(found[1]))
            reached(len(moments) / MOMENTS_A_SECOND)

    words = ffmpeg.listening(source, index, at_most=at_most)
    ran = run_ffmpeg(words, room=Room(source=source), limits=LISTEN, hear=hear, cancelled=cancelled)
    return Heard(ffmpeg.loudness_in(ran.complaints), bars(moments))


def bars(moments: Sequence[float]) -> tuple[int, ...]:
    """Turn loudness by the moment into at most `BARS` heights, each the loudest of its share."""
    count = min(BARS, len(moments))
    shares = [moments[len(moments) * n // count : len(moments) * (n + 1) // count] for n in range(count)]
    return tuple(_height(max(share)) for share in shares)


def _finite(said: str) -> float:
    level = float(said)
    return level if FAINT_LUFS <= level <= 0 else (0.0 if level > 0 else FAINT_LUFS)


def _height(lufs: float) -> int:
    part = (lufs - FAINT_LUFS) / (FULL_LUFS - FAINT_LUFS)
    return round(TALLEST * max(0.0, min(1.0, part)))
