"""Decides whether the original video stream can be copied unchanged, and where to cut it into segments.

Copying saves the most expensive encode and its quality loss. It is rare: phones record at far higher bit rates than the
ladder allows, so mostly recordings that an editor or a messenger has already compressed qualify.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from media.encoding.bitrate_ladder import SEGMENT_SECONDS, RenditionSpec
from media.probing.facts import GOPStructure

MAX_SEGMENT_SECONDS = 2 * SEGMENT_SECONDS
MIN_SEGMENT_SECONDS = 1.0
FRAME_DURATION_TOLERANCE = 0.02  # fraction of a frame; containers round timestamps to milliseconds or finer


def passthrough_cuts(
    gops: GOPStructure, *, size: tuple[int, int], rendition: RenditionSpec, rate: Fraction
) -> tuple[float, ...] | None:
    """Return the start time of each segment if the stream can serve as this rendition; None if it must be encoded."""
    if size != (rendition.width, rendition.height) or not _has_constant_frame_rate(gops, rate):
        return None
    keyframes = _segment_start_indices(gops.keyframe_times)
    starts = [gops.keyframe_times[keyframe] for keyframe in keyframes]
    lengths = [end - start for start, end in pairwise([*starts, gops.seconds])]
    if max(lengths) > MAX_SEGMENT_SECONDS or min([MIN_SEGMENT_SECONDS, *lengths[:-1]]) < MIN_SEGMENT_SECONDS:
        return None
    sizes = [sum(gops.gop_bytes[first:end]) for first, end in pairwise([*keyframes, len(gops.gop_bytes)])]
    peak_bps = max(
        8 * size / max(length, MIN_SEGMENT_SECONDS) for size, length in zip(sizes, lengths, strict=True)
    )
    return None if peak_bps > 1000 * rendition.ceiling_kbps else tuple(starts)


def _has_constant_frame_rate(gops: GOPStructure, rate: Fraction) -> bool:
    frame_seconds = float(1 / rate)
    return all(
        abs(seconds - frame_seconds) <= FRAME_DURATION_TOLERANCE * frame_seconds
        for seconds in (gops.shortest_frame_seconds, gops.longest_frame_seconds)
    )


def _segment_start_indices(keyframe_times: Sequence[float]) -> list[int]:
    """Return the keyframes that start a segment: like the HLS muxer, the first one after each multiple of the length."""
    indices = [0]
    for index, time in enumerate(keyframe_times):
        if index and time - keyframe_times[0] >= SEGMENT_SECONDS * len(indices) - 1e-6:
            indices.append(index)
    return indices
