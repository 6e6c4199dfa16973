"""Damage to files as it happens on its way: a broken connection, a worn card, a careless program. Seeded, so repeatable."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

BLOCK_BYTES = 4096  # what disks and cards lose at once

Corruption = Callable[[bytearray, Random], bytearray]


@dataclass(frozen=True)
class CorruptedCopy:
    """One damaged copy of a film of some kind."""

    recording_kind: str
    recording: Path
    corruption: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.recording_kind}, {self.corruption}, {self.number}"

    def content(self) -> bytes:
        # The name is the seed, so that every film is hurt in a place of its own.
        return bytes(CORRUPTIONS[self.corruption](bytearray(self.recording.read_bytes()), Random(self.name)))  # noqa: S311 - no secret


def truncate(content: bytearray, random: Random) -> bytearray:
    """Lose between a twentieth and nineteen twentieths of the end, as a connection that breaks does."""
    return content[: random.randrange(len(content) // 20, len(content) * 19 // 20)]


def zero_block(content: bytearray, random: Random) -> bytearray:
    """Read as zeros what a card has lost."""
    at = _random_offset(content, random)
    content[at : at + BLOCK_BYTES] = bytes(BLOCK_BYTES)
    return content


def randomise_block(content: bytearray, random: Random) -> bytearray:
    """Hold something else in the place of a block."""
    at = _random_offset(content, random)
    content[at : at + BLOCK_BYTES] = random.randbytes(BLOCK_BYTES)
    return content


def delete_block(content: bytearray, random: Random) -> bytearray:
    """Leave out a block, so that all that follows has moved."""
    at = _random_offset(content, random)
    del content[at : at + BLOCK_BYTES]
    return content


def duplicate_block(content: bytearray, random: Random) -> bytearray:
    """Write a block twice."""
    at = _random_offset(content, random)
    content[at:at] = content[at : at + BLOCK_BYTES]
    return content


def flip_bits(content: bytearray, random: Random) -> bytearray:
    """Turn one bit in about two hundred bytes."""
    for at in random.sample(range(len(content)), max(20, len(content) // 200)):
        content[at] ^= 1 << random.randrange(8)
    return content


def _random_offset(content: bytearray, random: Random) -> int:
    return random.randrange(max(1, len(content) - BLOCK_BYTES))


TRUNCATION = "cut off"
CORRUPTIONS: Mapping[str, Corruption] = {
    TRUNCATION: truncate,
    "blank": zero_block,
    "scrambled": randomise_block,
    "block lost": delete_block,
    "block twice": duplicate_block,
    "speckled": flip_bits,
}


def corrupted_copies(
    recordings: Mapping[str, Path], *, copies_per_corruption: int
) -> Iterator[CorruptedCopy]:
    """Return `each` damaged copies for every film and every kind of harm."""
    for kind, film in recordings.items():
        for harm in CORRUPTIONS:
            for number in range(copies_per_corruption):
                yield CorruptedCopy(kind, film, harm, number)
