"""Where a long recording is parted, so that several workers can encode it at once. Values in, values out."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from media.ladder import SEGMENT_SECONDS, frames_per_segment
from media.planning import Picture


@dataclass(frozen=True)
class Span:
    """Some pieces in a row: `first` counts pieces from the beginning of the recording."""

    first: int
    pieces: int
    first_frame: int
    frames: int


def may_be_parted(picture: Picture | None, *, seconds: float, from_seconds: int) -> bool:
    """Whether the larger sizes are worth the trouble of making them in parts, and can be.

    Pieces have to begin at regular places, and there has to be something to see at every one of them.
    """
    if picture is None or not picture.upper or picture.cuts or picture.hold_last_seconds:
        return False
    return 0 < from_seconds <= seconds


def spans(*, seconds: float, rate: Fraction, longest: float) -> list[Span]:
    """Part a recording of this length into as few spans as there have to be, about equally long."""
    each = frames_per_segment(rate)
    frames = max(1, round(seconds * rate))
    pieces = -(-frames // each)
    count = max(1, -(-pieces * SEGMENT_SECONDS // max(SEGMENT_SECONDS, round(longest))))
    borders = [pieces * number // count for number in range(count + 1)]
    return [
        Span(begin, end - begin, begin * each, min(end * each, frames) - begin * each)
        for begin, end in pairwise(borders)
    ]
