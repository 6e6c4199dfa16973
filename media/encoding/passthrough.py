"""Whether the picture of a recording may be passed on as it is, and where it can be cut. Values in, values out.

Copying saves the dearest encode and the loss that comes with it, and it is rare: the picture has to be what we would
have made ourselves in every respect that a player or another rendition depends on. Phones write far more bits than
a viewer's line carries; what fits has usually been through an editor or a messenger before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from media.encoding.bitrate_ladder import SEGMENT_SECONDS, RenditionSpec

MAX_SEGMENT_SECONDS = 2 * SEGMENT_SECONDS
MIN_SEGMENT_SECONDS = 1.0
FRAME_DURATION_TOLERANCE = 0.02  # of a frame: files round their time stamps to milliseconds or finer


@dataclass(frozen=True)
class GOPStructure:
    """The H.264 stream of a file as it stands: when each keyframe is shown, and the bytes up to the next one.

    Only a stream that is plain in itself has this: 8 bits, 4:2:0, progressive, upright, with one description for all
    of it, and beginning with the recording.
    """

    keyframe_times: tuple[float, ...]
    gop_bytes: tuple[int, ...]
    shortest_frame_seconds: float
    longest_frame_seconds: float
    seconds: float


def passthrough_cuts(
    groups: GOPStructure, *, size: tuple[int, int], rendition: RenditionSpec, rate: Fraction
) -> tuple[float, ...] | None:
    """Return when each piece begins if the stream may be copied for this rung; None if it has to be encoded."""
    frame = float(1 / rate)
    even = (
        abs(groups.shortest_frame_seconds - frame)
        <= FRAME_DURATION_TOLERANCE * frame
        >= abs(groups.longest_frame_seconds - frame)
    )
    if size != (rendition.width, rendition.height) or not even:
        return None
    places = _segment_start_indices(groups.keyframe_times)
    ends = [*(groups.keyframe_times[place] for place in places[1:]), groups.seconds]
    lengths = [end - groups.keyframe_times[place] for place, end in zip(places, ends, strict=True)]
    sizes = [sum(groups.gop_bytes[one:other]) for one, other in pairwise([*places, len(groups.gop_bytes)])]
    if max(lengths) > MAX_SEGMENT_SECONDS or min([MIN_SEGMENT_SECONDS, *lengths[:-1]]) < MIN_SEGMENT_SECONDS:
        return None
    heaviest = max(
        8 * size / max(length, MIN_SEGMENT_SECONDS) for size, length in zip(sizes, lengths, strict=True)
    )
    return (
        None
        if heaviest > 1000 * rendition.ceiling_kbps
        else tuple(groups.keyframe_times[place] for place in places)
    )


def _segment_start_indices(starts: Sequence[float]) -> list[int]:
    """Return which keyframes begin a piece: as the muxer cuts, the first one from each multiple of the length on."""
    places = [0]
    for number, start in enumerate(starts):
        if number and start - starts[0] >= SEGMENT_SECONDS * len(places) - 1e-6:
            places.append(number)
    return places
