"""Paints face masks from face detections. Pure functions.

Each detection is covered for a while before and after it, wherever the face moves in between: detectors miss faces that
turn away, and a single visible frame identifies a person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

DETECTIONS_PER_SECOND = 10
HOLD_SECONDS = 1.0
FACE_MARGIN = (
    0.45  # fraction of a face's width and height on each side: ears, hair and chin identify a person, too
)
MASK_LONGER_SIDE = 96  # in blocks
COVERED, CLEAR = b"\xff", b"\x00"


@dataclass(frozen=True)
class Face:
    """Bounding box in fractions of the picture's width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class MaskGrid:
    """Size of a mask in blocks."""

    width: int
    height: int


def mask_grid_for(width: int, height: int) -> MaskGrid:
    longer_side = max(width, height)
    return MaskGrid(
        max(1, round(MASK_LONGER_SIDE * width / longer_side)),
        max(1, round(MASK_LONGER_SIDE * height / longer_side)),
    )


def detection_frame_interval(rate: Fraction) -> int:
    return max(1, round(rate / DETECTIONS_PER_SECOND))


def mask_frames(
    faces_by_detection: Sequence[Sequence[Face]], grid: MaskGrid, *, rate: Fraction
) -> Iterator[bytes]:
    """Yield one mask per frame of the recording: one byte per block, row by row."""
    interval = detection_frame_interval(rate)
    hold = max(1, -(-round(HOLD_SECONDS * rate) // interval))  # in detections
    for number in range(len(faces_by_detection)):
        nearby = faces_by_detection[max(0, number - hold) : number + hold + 1]
        mask = _paint_mask([face for faces in nearby for face in faces], grid)
        yield from (mask,) * interval


def _paint_mask(faces: Sequence[Face], grid: MaskGrid) -> bytes:
    blocks = bytearray(CLEAR * (grid.width * grid.height))
    for face in faces:
        left, right = _block_range(face.left, face.width, grid.width)
        top, bottom = _block_range(face.top, face.height, grid.height)
        for row in range(top, bottom):
            blocks[row * grid.width + left : row * grid.width + right] = COVERED * (right - left)
    return bytes(blocks)


def _block_range(start: float, length: float, block_count: int) -> tuple[int, int]:
    """Return the half-open range of blocks that a face covers including its margin."""
    first = int((start - FACE_MARGIN * length) * block_count)
    last = -(-int((start + (1 + FACE_MARGIN) * length) * block_count * 1000) // 1000)
    return max(0, min(block_count, first)), max(0, min(block_count, last + 1))


def detection_rate_percent(faces_by_detection: Sequence[Sequence[Face]]) -> int:
    """Return the percentage of detections with at least one face."""
    if not faces_by_detection:
        return 0
    return round(100 * sum(bool(faces) for faces in faces_by_detection) / len(faces_by_detection))
