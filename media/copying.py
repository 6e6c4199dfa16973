"""Whether the picture of a recording may be passed on as it is, and where it can be cut. Values in, values out.

Copying saves the dearest encode and the loss that comes with it, and it is rare: the picture has to be what we would
have made ourselves in every respect that a player or another rendition depends on. Phones write far more bits than
a viewer's line carries; what fits has usually been through an editor or a messenger before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from media.ladder import SEGMENT_SECONDS, Rung

LONGEST_PIECE = 2 * SEGMENT_SECONDS
SHORTEST_PIECE = 1.0
UNEVEN = 0.02  # of a frame: files round their time stamps to milliseconds or finer


@dataclass(frozen=True)
class Groups:
    """The H.264 stream of a file as it stands: when each keyframe is shown, and the bytes up to the next one.

    Only a stream that is plain in itself has this: 8 bits, 4:2:0, progressive, upright, with one description for all
    of it, and beginning with the recording.
    """

    starts: tuple[float, ...]
    sizes: tuple[int, ...]
    shortest_frame: float
    longest_frame: float
    seconds: float


def cuts(groups: Groups, *, size: tuple[int, int], rung: Rung, rate: Fraction) -> tuple[float, ...] | None:
    """Return when each piece begins if the stream may be copied for this rung; None if it has to be encoded."""
    frame = float(1 / rate)
    even = abs(groups.shortest_frame - frame) <= UNEVEN * frame >= abs(groups.longest_frame - frame)
    if size != (rung.width, rung.height) or not even:
        return None
    places = _places(groups.starts)
    ends = [*(groups.starts[place] for place in places[1:]), groups.seconds]
    lengths = [end - groups.starts[place] for place, end in zip(places, ends, strict=True)]
    sizes = [sum(groups.sizes[one:other]) for one, other in pairwise([*places, len(groups.sizes)])]
    if max(lengths) > LONGEST_PIECE or min([SHORTEST_PIECE, *lengths[:-1]]) < SHORTEST_PIECE:
        return None
    heaviest = max(
        8 * size / max(length, SHORTEST_PIECE) for size, length in zip(sizes, lengths, strict=True)
    )
    return None if heaviest > 1000 * rung.ceiling_kbps else tuple(groups.starts[place] for place in places)


def _places(starts: Sequence[float]) -> list[int]:
    """Return which keyframes begin a piece: as the muxer cuts, the first one from each multiple of the length on."""
    places = [0]
    for number, start in enumerate(starts):
        if number and start - starts[0] >= SEGMENT_SECONDS * len(places) - 1e-6:
            places.append(number)
    return places
