"""Damage to files as it happens on its way: a broken connection, a worn card, a careless program. Seeded, so repeatable."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

BLOCK = 4096  # what disks and cards lose at once

Harm = Callable[[bytearray, Random], bytearray]


@dataclass(frozen=True)
class Damaged:
    """One damaged copy of a film of some kind."""

    kind: str
    film: Path
    harm: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.kind}, {self.harm}, {self.number}"

    def content(self) -> bytes:
        # The name is the seed, so that every film is hurt in a place of its own.
        return bytes(HARMS[self.harm](bytearray(self.film.read_bytes()), Random(self.name)))  # noqa: S311 - no secret


def cut_off(content: bytearray, random: Random) -> bytearray:
    """Lose between a twentieth and nineteen twentieths of the end, as a connection that breaks does."""
    return content[: random.randrange(len(content) // 20, len(content) * 19 // 20)]


def blank(content: bytearray, random: Random) -> bytearray:
    """Read as zeros what a card has lost."""
    at = _somewhere(content, random)
    content[at : at + BLOCK] = bytes(BLOCK)
    return content


def scramble(content: bytearray, random: Random) -> bytearray:
    """Hold something else in the place of a block."""
    at = _somewhere(content, random)
    content[at : at + BLOCK] = random.randbytes(BLOCK)
    return content


def drop(content: bytearray, random: Random) -> bytearray:
    """Leave out a block, so that all that follows has moved."""
    at = _somewhere(content, random)
    del content[at : at + BLOCK]
    return content


def repeat(content: bytearray, random: Random) -> bytearray:
    """Write a block twice."""
    at = _somewhere(content, random)
    content[at:at] = content[at : at + BLOCK]
    return content


def speckle(content: bytearray, random: Random) -> bytearray:
    """Turn one bit in about two hundred bytes."""
    for at in random.sample(range(len(content)), max(20, len(content) // 200)):
        content[at] ^= 1 << random.randrange(8)
    return content


def _somewhere(content: bytearray, random: Random) -> int:
    return random.randrange(max(1, len(content) - BLOCK))


CUT = "cut off"
HARMS: Mapping[str, Harm] = {
    CUT: cut_off,
    "blank": blank,
    "scrambled": scramble,
    "block lost": drop,
    "block twice": repeat,
    "speckled": speckle,
}


def damaged(films: Mapping[str, Path], *, each: int) -> Iterator[Damaged]:
    """Return `each` damaged copies for every film and every kind of harm."""
    for kind, film in films.items():
        for harm in HARMS:
            for number in range(each):
                yield Damaged(kind, film, harm, number)
