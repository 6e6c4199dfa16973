"""Where a long recording is parted, so that several workers can encode it at once. Values in, values out."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from media.encoding.bitrate_ladder import SEGMENT_SECONDS, frames_per_segment
from media.encoding.plan import VideoPlan


@dataclass(frozen=True)
class ChunkRange:
    """Some pieces in a row: `first` counts pieces from the beginning of the recording."""

    first_segment: int
    segment_count: int
    first_frame: int
    frame_count: int


def can_encode_in_chunks(picture: VideoPlan | None, *, seconds: float, min_seconds: int) -> bool:
    """Whether the larger sizes are worth the trouble of making them in parts, and can be.

    Pieces have to begin at regular places, and there has to be something to see at every one of them.
    """
    if picture is None or not picture.higher_renditions or picture.cuts or picture.hold_last_seconds:
        return False
    return 0 < min_seconds <= seconds


def plan_chunks(*, seconds: float, rate: Fraction, max_chunk_seconds: float) -> list[ChunkRange]:
    """Part a recording of this length into as few spans as there have to be, about equally long."""
    each = frames_per_segment(rate)
    frames = max(1, round(seconds * rate))
    pieces = -(-frames // each)
    count = max(1, -(-pieces * SEGMENT_SECONDS // max(SEGMENT_SECONDS, round(max_chunk_seconds))))
    borders = [pieces * number // count for number in range(count + 1)]
    return [
        ChunkRange(begin, end - begin, begin * each, min(end * each, frames) - begin * each)
        for begin, end in pairwise(borders)
    ]
