"""Plans the chunks of a long recording, so that several workers can encode them in parallel. Pure functions."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from media.encoding.bitrate_ladder import SEGMENT_SECONDS, frames_per_segment
from media.encoding.plan import VideoPlan


@dataclass(frozen=True)
class ChunkRange:
    """Consecutive segments of a recording; segments and frames are numbered from the start of the recording."""

    first_segment: int
    segment_count: int
    first_frame: int
    frame_count: int


def can_encode_in_chunks(video_plan: VideoPlan | None, *, seconds: float, min_seconds: int) -> bool:
    """Whether the recording is long enough, has segments of a fixed length, and has video throughout."""
    if video_plan is None or not video_plan.higher_renditions:
        return False
    if video_plan.cuts or video_plan.hold_last_seconds:
        return False
    return 0 < min_seconds <= seconds


def plan_chunks(*, seconds: float, rate: Fraction, max_chunk_seconds: float) -> list[ChunkRange]:
    """Divide a recording into as few chunks as possible, of about equal length."""
    segment_frames = frames_per_segment(rate)
    frames = max(1, round(seconds * rate))
    segments = -(-frames // segment_frames)
    chunks = max(1, -(-segments * SEGMENT_SECONDS // max(SEGMENT_SECONDS, round(max_chunk_seconds))))
    bounds = [segments * number // chunks for number in range(chunks + 1)]
    return [
        ChunkRange(
            first_segment=start,
            segment_count=end - start,
            first_frame=start * segment_frames,
            frame_count=min(end * segment_frames, frames) - start * segment_frames,
        )
        for start, end in pairwise(bounds)
    ]
