"""Move a piece of a film along the time line, by what its boxes say and nothing else (ISO/IEC 14496-12, section 8.8).

Every encoder begins to count at nought. A piece that is to stand behind others has to carry their number and their
length; all that was encoded stays as it is.
"""

from collections.abc import Iterator
from fractions import Fraction

BOX_HEADER_BYTES = 8  # size and kind
FULL_BOX_HEADER_BYTES = BOX_HEADER_BYTES + 4  # and version with flags
VERSION_64_BIT_TIMES = 1  # the version of a box that has its times in eight bytes


class UnexpectedBoxLayout(Exception):
    """The piece is not put together as our muxer does it."""


def shift_segment(segment: bytes, *, preceding_segments: int, preceding_seconds: Fraction) -> bytes:
    """Return the piece as it has to be if so many pieces, of so many seconds together, stand in front of it."""
    found = dict(_iter_boxes(segment, 0, len(segment)))
    if not {b"sidx", b"mfhd", b"tfdt"} <= found.keys():
        raise UnexpectedBoxLayout
    content = bytearray(segment)
    index, number, time = found[b"sidx"], found[b"mfhd"], found[b"tfdt"]
    if (
        segment[index + BOX_HEADER_BYTES] != VERSION_64_BIT_TIMES
        or segment[time + BOX_HEADER_BYTES] != VERSION_64_BIT_TIMES
    ):
        raise UnexpectedBoxLayout
    timescale = int.from_bytes(segment[index + FULL_BOX_HEADER_BYTES + 4 : index + FULL_BOX_HEADER_BYTES + 8])
    ticks = preceding_seconds * timescale
    if ticks.denominator != 1:
        raise UnexpectedBoxLayout
    _add_to_integer(content, number + FULL_BOX_HEADER_BYTES, 4, preceding_segments)
    _add_to_integer(content, time + FULL_BOX_HEADER_BYTES, 8, int(ticks))
    _add_to_integer(content, index + FULL_BOX_HEADER_BYTES + 8, 8, int(ticks))
    return bytes(content)


def _iter_boxes(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Return the kind and place of every box on the way to the time of a fragment; one of a kind, as we write them."""
    while at + FULL_BOX_HEADER_BYTES + 16 <= end:
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size < BOX_HEADER_BYTES or at + size > end:
            raise UnexpectedBoxLayout
        yield kind, at
        if kind in {b"moof", b"traf"}:
            yield from _iter_boxes(content, at + BOX_HEADER_BYTES, at + size)
        at += size


def _add_to_integer(content: bytearray, at: int, length: int, more: int) -> None:
    value = int.from_bytes(content[at : at + length]) + more
    if value >= 1 << 8 * length:
        raise UnexpectedBoxLayout
    content[at : at + length] = value.to_bytes(length)
