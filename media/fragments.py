"""Move a piece of a film along the time line, by what its boxes say and nothing else (ISO/IEC 14496-12, section 8.8).

Every encoder begins to count at nought. A piece that is to stand behind others has to carry their number and their
length; all that was encoded stays as it is.
"""

from collections.abc import Iterator
from fractions import Fraction

HEADER = 8  # size and kind
FULL_HEADER = HEADER + 4  # and version with flags
WIDE = 1  # the version of a box that has its times in eight bytes


class UnknownShape(Exception):
    """The piece is not put together as our muxer does it."""


def moved(piece: bytes, *, pieces: int, seconds: Fraction) -> bytes:
    """Return the piece as it has to be if so many pieces, of so many seconds together, stand in front of it."""
    found = dict(_boxes(piece, 0, len(piece)))
    if not {b"sidx", b"mfhd", b"tfdt"} <= found.keys():
        raise UnknownShape
    content = bytearray(piece)
    index, number, time = found[b"sidx"], found[b"mfhd"], found[b"tfdt"]
    if piece[index + HEADER] != WIDE or piece[time + HEADER] != WIDE:
        raise UnknownShape
    timescale = int.from_bytes(piece[index + FULL_HEADER + 4 : index + FULL_HEADER + 8])
    ticks = seconds * timescale
    if ticks.denominator != 1:
        raise UnknownShape
    _add(content, number + FULL_HEADER, 4, pieces)
    _add(content, time + FULL_HEADER, 8, int(ticks))
    _add(content, index + FULL_HEADER + 8, 8, int(ticks))
    return bytes(content)


def _boxes(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Return the kind and place of every box on the way to the time of a fragment; one of a kind, as we write them."""
    while at + FULL_HEADER + 16 <= end:
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size < HEADER or at + size > end:
            raise UnknownShape
        yield kind, at
        if kind in {b"moof", b"traf"}:
            yield from _boxes(content, at + HEADER, at + size)
        at += size


def _add(content: bytearray, at: int, length: int, more: int) -> None:
    value = int.from_bytes(content[at : at + length]) + more
    if value >= 1 << 8 * length:
        raise UnknownShape
    content[at : at + length] = value.to_bytes(length)
