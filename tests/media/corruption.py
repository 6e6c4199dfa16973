"""Simulates damage to files by broken connections, worn memory cards and faulty software; deterministic by seed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

BLOCK_BYTES = 4096  # the unit in which disks and memory cards fail

Corruption = Callable[[bytearray, Random], bytearray]


@dataclass(frozen=True)
class CorruptedCopy:
    """A corrupted copy of a recording."""

    recording_kind: str
    recording: Path
    corruption: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.recording_kind}, {self.corruption}, {self.number}"

    def content(self) -> bytes:
        # Seeding with the name corrupts each recording at a different offset.
        return bytes(CORRUPTIONS[self.corruption](bytearray(self.recording.read_bytes()), Random(self.name)))  # noqa: S311 - no secret


def truncate(content: bytearray, random: Random) -> bytearray:
    """Keep between 5 % and 95 % of the file, as after a broken connection."""
    return content[: random.randrange(len(content) // 20, len(content) * 19 // 20)]


def zero_block(content: bytearray, random: Random) -> bytearray:
    offset = _random_offset(content, random)
    content[offset : offset + BLOCK_BYTES] = bytes(BLOCK_BYTES)
    return content


def randomise_block(content: bytearray, random: Random) -> bytearray:
    offset = _random_offset(content, random)
    content[offset : offset + BLOCK_BYTES] = random.randbytes(BLOCK_BYTES)
    return content


def delete_block(content: bytearray, random: Random) -> bytearray:
    """Delete a block, which shifts everything after it."""
    offset = _random_offset(content, random)
    del content[offset : offset + BLOCK_BYTES]
    return content


def duplicate_block(content: bytearray, random: Random) -> bytearray:
    offset = _random_offset(content, random)
    content[offset:offset] = content[offset : offset + BLOCK_BYTES]
    return content


def flip_bits(content: bytearray, random: Random) -> bytearray:
    """Flip one bit per 200 bytes."""
    for offset in random.sample(range(len(content)), max(20, len(content) // 200)):
        content[offset] ^= 1 << random.randrange(8)
    return content


def _random_offset(content: bytearray, random: Random) -> int:
    return random.randrange(max(1, len(content) - BLOCK_BYTES))


TRUNCATION = "truncated"
CORRUPTIONS: Mapping[str, Corruption] = {
    TRUNCATION: truncate,
    "zeroed block": zero_block,
    "randomised block": randomise_block,
    "deleted block": delete_block,
    "duplicated block": duplicate_block,
    "flipped bits": flip_bits,
}


def corrupted_copies(
    recordings: Mapping[str, Path], *, copies_per_corruption: int
) -> Iterator[CorruptedCopy]:
    """Yield `copies_per_corruption` copies of each recording for each kind of corruption."""
    for kind, recording in recordings.items():
        for corruption in CORRUPTIONS:
            for number in range(copies_per_corruption):
                yield CorruptedCopy(kind, recording, corruption, number)
