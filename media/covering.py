"""Where a picture is to be covered so that no face is seen, from where faces were found. Values in, bytes out.

A face that is found at one moment is covered for a while before and after it, wherever it was meanwhile: detectors miss
faces that turn away, and what is missed for a moment is seen by everybody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

LOOKS_A_SECOND = 10
HOLD_SECONDS = 1.0
MARGIN = 0.45  # of a face's width and height, on every side: ears, hair and chin are part of who one is
LONGER_SIDE = 96  # of the mask, in blocks
COVERED, CLEAR = b"\xff", b"\x00"


@dataclass(frozen=True)
class Face:
    """Where a face was found, in parts of the picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Mask:
    """How many blocks a picture is divided into."""

    width: int
    height: int


def mask_for(width: int, height: int) -> Mask:
    longer = max(width, height)
    return Mask(max(1, round(LONGER_SIDE * width / longer)), max(1, round(LONGER_SIDE * height / longer)))


def frames_between_looks(rate: Fraction) -> int:
    return max(1, round(rate / LOOKS_A_SECOND))


def frames(looks: Sequence[Sequence[Face]], mask: Mask, *, rate: Fraction) -> Iterator[bytes]:
    """Return the mask for each frame of the recording: a byte a block, row by row."""
    apart = frames_between_looks(rate)
    held = max(1, -(-round(HOLD_SECONDS * rate) // apart))
    for number in range(len(looks)):
        near = looks[max(0, number - held) : number + held + 1]
        painted = _painted([face for faces in near for face in faces], mask)
        yield from (painted,) * apart


def _painted(faces: Sequence[Face], mask: Mask) -> bytes:
    blocks = bytearray(CLEAR * (mask.width * mask.height))
    for face in faces:
        left, right = _reach(face.left, face.width, mask.width)
        top, bottom = _reach(face.top, face.height, mask.height)
        for row in range(top, bottom):
            blocks[row * mask.width + left : row * mask.width + right] = COVERED * (right - left)
    return bytes(blocks)


def _reach(begin: float, length: float, blocks: int) -> tuple[int, int]:
    """Return the first block that a face touches with its margin, and the one behind the last."""
    first = int((begin - MARGIN * length) * blocks)
    last = -(-int((begin + (1 + MARGIN) * length) * blocks * 1000) // 1000)
    return max(0, min(blocks, first)), max(0, min(blocks, last + 1))


def found_in_percent(looks: Sequence[Sequence[Face]]) -> int:
    """Return in how many of a hundred looks there was a face."""
    return round(100 * sum(bool(faces) for faces in looks) / len(looks)) if looks else 0
