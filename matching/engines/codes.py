"""Answers as small numbers, and several traits' numbers packed into one.

Every answer of a trait has a code, 0 meaning "not answered". Sets get a code for each *distinct set* met, so that
any way of comparing sets becomes a look-up. Codes of several traits are joined into one 16-bit number as long as
the joint table stays small enough for the processor's nearest cache.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Floats
from matching.traits import Answer, Answers, BadAnswer, CategoryTrait, SetTrait, Trait, TraitCatalogue

Codes = NDArray[np.uint16]
Counts = NDArray[np.float64]  # whole numbers, kept so that they multiply similarities without conversion

JOINT = 4_096
FIRST_ROOM = 32
# Traits of no more codes than this keep the similarity of every value to every other.
SMALL = 256


class LevelBook:
    """Codes for a trait whose values are all known beforehand."""

    def __init__(self, trait: Trait) -> None:
        self.trait = trait
        self._codes: Mapping[Answer, int] = {value: code for code, value in enumerate(trait.values, start=1)}
        self._rows = np.stack([self._row(value) for value in trait.values]) if self.room <= SMALL else None

    @property
    def room(self) -> int:
        return len(self._codes) + 1

    def code(self, answer: Answer) -> int:
        return self._codes[answer]

    def similarities(self, answer: Answer, size: int) -> Floats:
        """Give the similarity of an answer to each code below `size`; the first, for no answer, is 0."""
        row = self._row(answer) if self._rows is None else self._rows[self._codes[answer] - 1]
        return row[:size].copy()

    def _row(self, answer: Answer) -> Floats:
        row = np.zeros(self.room)
        position = self._codes[answer] - 1
        if isinstance(self.trait, CategoryTrait):
            row[position + 1] = 1
            for (one, other), alike in self.trait.alikeness.items():
                if answer in (one, other):
                    row[self._codes[other if answer == one else one]] = alike
        else:
            steps = np.abs(np.arange(self.room - 1) - position)
            row[1:] = 1 - steps / (self.room - 2)
        return row


class SetBook:
    """Codes for the distinct sets met so far; only ever appended to, so readers need no lock."""

    def __init__(self, trait: SetTrait) -> None:
        self.trait = trait
        self._codes: dict[Answer, int] = {}
        self._members = np.zeros((FIRST_ROOM, len(trait.levels)))
        self._sizes = np.zeros(FIRST_ROOM)
        keys = [key for key, _ in trait.levels]
        self._alike = np.array([[trait.alike(one, other) for other in keys] for one in keys])

    @property
    def room(self) -> int:
        """Codes to keep free: twice those in use, so that sets not met yet seldom force another packing."""
        return min(1 << len(self.trait.levels), max(FIRST_ROOM, 2 * (len(self._codes) + 1)))

    def code(self, answer: Answer) -> int:
        code = self._codes.get(answer)
        if code is not None:
            return code
        number = len(self._codes)
        if number == len(self._members):
            self._members = np.concatenate([self._members, np.zeros_like(self._members)])
            self._sizes = np.concatenate([self._sizes, np.zeros_like(self._sizes)])
        self._members[number] = self._membership(answer)
        self._sizes[number] = self._members[number].sum()
        self._codes[answer] = number + 1
        return number + 1

    def similarities(self, answer: Answer, size: int) -> Floats:
        row = np.zeros(size)
        known = min(len(self._codes), size - 1)
        theirs = self._members[:known]
        ours = self._membership(answer)
        overlap = self._softened(ours, theirs) if self.trait.alikeness else theirs @ ours
        row[1 : known + 1] = overlap / (self._sizes[:known] + ours.sum() - overlap)
        return row

    def _softened(self, ours: Floats, theirs: Floats) -> Floats:
        alike = self._alike[ours > 0]
        there = (theirs[:, None, :] * alike).max(axis=2, initial=0).sum(axis=1)
        back = theirs @ alike.max(axis=0)
        return np.asarray((there + back) / 2)

    def _membership(self, answer: Answer) -> Floats:
        chosen = answer if isinstance(answer, frozenset) else frozenset()
        if not chosen or self.trait.clean(chosen) != chosen:
            raise BadAnswer(self.trait.key, "An empty set is not an answer.", "Leave it out.")
        return np.array([key in chosen for key, _ in self.trait.levels], dtype=float)


class Codebook:
    """Turns a teller's answers into codes, one column a trait, in catalogue order."""

    def __init__(self, catalogue: TraitCatalogue) -> None:
        self.books = [
            SetBook(trait) if isinstance(trait, SetTrait) else LevelBook(trait) for trait in catalogue
        ]
        self.columns = {trait.key: column for column, trait in enumerate(catalogue)}

    @property
    def rooms(self) -> list[int]:
        return [book.room for book in self.books]

    def encode(self, answers: Sequence[Answers]) -> NDArray[np.int64]:
        """Shape (people, traits).

        Raises
        ------
        BadAnswer
            If a mapping holds a trait or a value that the catalogue does not know.
        """
        codes = np.zeros((len(answers), len(self.books)), dtype=np.int64)
        for row, person in enumerate(answers):
            for key, answer in person.items():
                codes[row, self._column(key)] = self._code(self._column(key), answer)
        return codes

    def _column(self, key: str) -> int:
        try:
            return self.columns[key]
        except KeyError:
            raise BadAnswer(key, "There is no such question.", "Leave it out.") from None

    def _code(self, column: int, answer: Answer) -> int:
        book = self.books[column]
        try:
            return book.code(answer)
        except (KeyError, TypeError):
            # Not one of the clean values: either it can be made one, or cleaning says what is wrong.
            cleaned = book.trait.clean(answer)
            return 0 if cleaned is None else book.code(cleaned)


@dataclass(frozen=True)
class Place:
    """Where a trait's code sits: joint code of the group // stride % size."""

    group: int
    stride: int
    size: int
    offset: int


@dataclass(frozen=True)
class Layout:
    """How the traits share the joint codes."""

    places: tuple[Place, ...]

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The columns in each group, the fastest-turning first."""
        members: dict[int, list[int]] = {}
        for column in sorted(range(len(self.places)), key=lambda column: self.places[column].stride):
            members.setdefault(self.places[column].group, []).append(column)
        return tuple(tuple(members[group]) for group in sorted(members))

    @cached_property
    def width(self) -> int:
        """Length of one row of counts, all traits' codes end to end."""
        return sum(place.size for place in self.places)

    @cached_property
    def _arithmetic(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Each trait's group, stride and size."""
        rows = [(place.group, place.stride, place.size) for place in self.places]
        groups, strides, sizes = np.array(rows, dtype=np.int64).T
        return groups, strides, sizes

    @cached_property
    def _offsets(self) -> NDArray[np.int64]:
        return np.array([place.offset for place in self.places], dtype=np.int64)

    def holds(self, codes: NDArray[np.int64]) -> bool:
        return all(codes[:, column].max(initial=0) < place.size for column, place in enumerate(self.places))

    def join(self, codes: NDArray[np.int64]) -> Codes:
        """Shape (people, traits) to shape (groups, people)."""
        joint = np.zeros((len(self.groups), len(codes)), dtype=np.int64)
        for column, place in enumerate(self.places):
            joint[place.group] += codes[:, column] * place.stride
        return joint.astype(np.uint16)

    def split(self, joint: Codes) -> NDArray[np.int64]:
        """Shape (groups, people) to shape (people, traits)."""
        groups, strides, sizes = self._arithmetic
        return joint.T[:, groups].astype(np.int64) // strides % sizes

    def count(self, codes: NDArray[np.int64]) -> Counts:
        """Shape (people, traits) to one row of counts."""
        return np.bincount((codes + self._offsets).ravel(), minlength=self.width).astype(np.float64)


def pack(sizes: Sequence[int]) -> Layout:
    """First fit, largest first: each trait goes to the first group whose joint table stays within bounds."""
    taken: list[int] = []
    chosen: dict[int, tuple[int, int]] = {}
    for column in sorted(range(len(sizes)), key=lambda column: -sizes[column]):
        fitting = (group for group, joint in enumerate(taken) if joint * sizes[column] <= JOINT)
        group = next(fitting, len(taken))
        if group == len(taken):
            taken.append(1)
        chosen[column] = (group, taken[group])
        taken[group] *= sizes[column]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return Layout(
        tuple(Place(*chosen[column], size, int(offsets[column])) for column, size in enumerate(sizes))
    )
