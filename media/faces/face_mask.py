"""Where a picture is to be covered so that no face is seen, from where faces were found. Values in, bytes out.

A face that is found at one moment is covered for a while before and after it, wherever it was meanwhile: detectors miss
faces that turn away, and what is missed for a moment is seen by everybody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

DETECTIONS_PER_SECOND = 10
HOLD_SECONDS = 1.0
FACE_MARGIN = 0.45  # of a face's width and height, on every side: ears, hair and chin are part of who one is
MASK_LONGER_SIDE = 96  # of the mask, in blocks
COVERED, CLEAR = b"\xff", b"\x00"


@dataclass(frozen=True)
class Face:
    """Where a face was found, in parts of the picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class MaskGrid:
    """How many blocks a picture is divided into."""

    width: int
    height: int


def mask_grid_for(width: int, height: int) -> MaskGrid:
    longer = max(width, height)
    return MaskGrid(
        max(1, round(MASK_LONGER_SIDE * width / longer)), max(1, round(MASK_LONGER_SIDE * height / longer))
    )


def detection_frame_interval(rate: Fraction) -> int:
    return max(1, round(rate / DETECTIONS_PER_SECOND))


def mask_frames(looks: Sequence[Sequence[Face]], mask: MaskGrid, *, rate: Fraction) -> Iterator[bytes]:
    """Return the mask for each frame of the recording: a byte a block, row by row."""
    apart = detection_frame_interval(rate)
    held = max(1, -(-round(HOLD_SECONDS * rate) // apart))
    for number in range(len(looks)):
        near = looks[max(0, number - held) : number + held + 1]
        painted = _paint_mask([face for faces in near for face in faces], mask)
        yield from (painted,) * apart


def _paint_mask(faces: Sequence[Face], mask: MaskGrid) -> bytes:
    blocks = bytearray(CLEAR * (mask.width * mask.height))
    for face in faces:
        left, right = _block_range(face.left, face.width, mask.width)
        top, bottom = _block_range(face.top, face.height, mask.height)
        for row in range(top, bottom):
            blocks[row * mask.width + left : row * mask.width + right] = COVERED * (right - left)
    return bytes(blocks)


def _block_range(begin: float, length: float, blocks: int) -> tuple[int, int]:
    """Return the first block that a face touches with its margin, and the one behind the last."""
    first = int((begin - FACE_MARGIN * length) * blocks)
    last = -(-int((begin + (1 + FACE_MARGIN) * length) * blocks * 1000) // 1000)
    return max(0, min(blocks, first)), max(0, min(blocks, last + 1))


def detection_rate_percent(looks: Sequence[Sequence[Face]]) -> int:
    """Return in how many of a hundred looks there was a face."""
    return round(100 * sum(bool(faces) for faces in looks) / len(looks)) if looks else 0
