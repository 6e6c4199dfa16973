"""Shifts the timestamps of an fMP4 segment by editing its boxes (ISO/IEC 14496-12, section 8.8).

Each encoder run starts at zero. A segment that follows others must carry their count and total duration; the encoded
data stays unchanged.
"""

from collections.abc import Iterator
from fractions import Fraction

BOX_HEADER_BYTES = 8  # size and type
FULL_BOX_HEADER_BYTES = BOX_HEADER_BYTES + 4  # plus version and flags
VERSION_64_BIT_TIMES = 1  # box version with 8-byte times


class UnexpectedBoxLayout(Exception):
    """The segment's layout differs from what our muxer writes."""


def shift_segment(segment: bytes, *, preceding_segments: int, preceding_seconds: Fraction) -> bytes:
    """Return the segment with its sequence number and times moved behind the preceding segments."""
    offsets = dict(_iter_boxes(segment, 0, len(segment)))
    if not {b"sidx", b"mfhd", b"tfdt"} <= offsets.keys():
        raise UnexpectedBoxLayout
    sidx, mfhd, tfdt = offsets[b"sidx"], offsets[b"mfhd"], offsets[b"tfdt"]
    if any(segment[box + BOX_HEADER_BYTES] != VERSION_64_BIT_TIMES for box in (sidx, tfdt)):
        raise UnexpectedBoxLayout
    timescale = int.from_bytes(segment[sidx + FULL_BOX_HEADER_BYTES + 4 : sidx + FULL_BOX_HEADER_BYTES + 8])
    ticks = preceding_seconds * timescale
    if ticks.denominator != 1:
        raise UnexpectedBoxLayout
    content = bytearray(segment)
    _add_to_integer(content, mfhd + FULL_BOX_HEADER_BYTES, 4, preceding_segments)
    _add_to_integer(content, tfdt + FULL_BOX_HEADER_BYTES, 8, int(ticks))
    _add_to_integer(content, sidx + FULL_BOX_HEADER_BYTES + 8, 8, int(ticks))
    return bytes(content)


def _iter_boxes(content: bytes, offset: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield type and offset of each box, descending into moof and traf; our muxer writes each type once per segment."""
    while offset + FULL_BOX_HEADER_BYTES + 16 <= end:
        size, box_type = int.from_bytes(content[offset : offset + 4]), content[offset + 4 : offset + 8]
        if size < BOX_HEADER_BYTES or offset + size > end:
            raise UnexpectedBoxLayout
        yield box_type, offset
        if box_type in {b"moof", b"traf"}:
            yield from _iter_boxes(content, offset + BOX_HEADER_BYTES, offset + size)
        offset += size


def _add_to_integer(content: bytearray, offset: int, length: int, increment: int) -> None:
    value = int.from_bytes(content[offset : offset + length]) + increment
    if value >= 1 << 8 * length:
        raise UnexpectedBoxLayout
    content[offset : offset + length] = value.to_bytes(length)
