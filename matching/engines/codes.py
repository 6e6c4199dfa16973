"""Answers as small numbers: what each engine stores in place of what people said.

Every answer of a trait has a code, 0 meaning "not answered". Sets get a code for each *distinct set* met, so that
any way of comparing sets becomes a look-up.
"""

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Floats
from matching.traits.catalogue import (
    Answer,
    Answers,
    BadAnswer,
    CategoryTrait,
    SetTrait,
    Trait,
    TraitCatalogue,
)

Codes = NDArray[np.uint16]  # shape (people, traits)

FIRST_ROOM = 32
# Traits of no more codes than this keep the similarity of every value to every other; sets, of each set asked for.
SMALL = 512


class LevelBook:
    """Codes for a trait whose values are all known beforehand."""

    grows = False

    def __init__(self, trait: Trait) -> None:
        self.trait = trait
        self._values = trait.values
        self._codes: Mapping[Answer, int] = {value: code for code, value in enumerate(self._values, start=1)}
        self._rows = np.stack([self._row(value) for value in self._values]) if self.room <= SMALL else None
        if self._rows is not None:
            self._rows.flags.writeable = False

    @property
    def room(self) -> int:
        """How many codes there are, counting "not answered"."""
        return len(self._codes) + 1

    def code(self, answer: Answer) -> int:
        return self._codes[answer]

    def answer(self, code: int) -> Answer:
        return self._values[code - 1]

    def similarities(self, answer: Answer, room: int) -> Floats:
        """Give the similarity of an answer to each code below `room`; that of the first, for no answer, is 0."""
        return self.likeness(self._codes[answer], room)

    def likeness(self, code: int, room: int) -> Floats:
        """Give the similarity of the answer with this code, 1 or more, to each code below `room`."""
        row = self._row(self._values[code - 1]) if self._rows is None else self._rows[code - 1]
        return row[:room]

    def _row(self, answer: Answer) -> Floats:
        row = np.zeros(self.room)
        position = self._codes[answer] - 1
        if isinstance(self.trait, CategoryTrait):
            row[position + 1] = 1
            for (one, other), alike in self.trait.level_similarities.items():
                if answer in (one, other):
                    row[self._codes[other if answer == one else one]] = alike
        else:
            steps = np.abs(np.arange(self.room - 1) - position)
            row[1:] = 1 - steps / (self.room - 2)
        return row


class SetBook:
    """Codes for the distinct sets met so far; only ever appended to, so readers need no lock."""

    grows = True

    def __init__(self, trait: SetTrait) -> None:
        self.trait = trait
        self._codes: dict[Answer, int] = {}
        self._masks = np.zeros(FIRST_ROOM, dtype=np.uint32)
        self._asked: dict[Answer, Floats] = {}
        self._alike = _alike(trait)

    @property
    def room(self) -> int:
        return len(self._codes) + 1

    def code(self, answer: Answer) -> int:
        code = self._codes.get(answer)
        if code is not None:
            return code
        number = len(self._codes)
        mask = self._mask(answer)
        if number == len(self._masks):
            self._masks = np.concatenate([self._masks, np.zeros_like(self._masks)])
        self._masks[number] = mask
        self._codes[answer] = number + 1
        return number + 1

    def answer(self, code: int) -> Answer:
        return _set(self.trait, int(self._masks[code - 1]))

    def similarities(self, answer: Answer, room: int) -> Floats:
        """Give the similarity of an answer to each code below `room`; that of the first, for no answer, is 0."""
        kept = self._asked.get(answer)
        if kept is not None and len(kept) == room:
            return kept
        row = self._likeness(self._mask(answer), room)
        if room <= SMALL:
            if len(self._asked) >= SMALL:
                self._asked = {}
            self._asked[answer] = row
        return row

    def likeness(self, code: int, room: int) -> Floats:
        """Give the similarity of the set with this code, 1 or more, to each code below `room`."""
        return self._likeness(int(self._masks[code - 1]), room)

    def _likeness(self, mask: int, room: int) -> Floats:
        row = np.zeros(room)
        row[1:] = compare_sets(mask, self._masks[: room - 1], self._alike)
        row.flags.writeable = False
        return row

    def _mask(self, answer: Answer) -> int:
        return _mask(self.trait, answer)


class MaskBook:
    """Codes for sets that any process agrees on without having met them: a bit for each level."""

    grows = False

    def __init__(self, trait: SetTrait) -> None:
        self.trait = trait
        self._alike = _alike(trait)

    @property
    def room(self) -> int:
        return 1 << len(self.trait.levels)

    def code(self, answer: Answer) -> int:
        return _mask(self.trait, answer)

    def answer(self, code: int) -> Answer:
        return _set(self.trait, code)

    def similarities(self, answer: Answer, room: int) -> Floats:
        """Give the similarity of an answer to each code below `room`; that of the first, for no answer, is 0."""
        return self.likeness(self.code(answer), room)

    def likeness(self, code: int, room: int) -> Floats:
        """Give the similarity of the set with this code, 1 or more, to each code below `room`."""
        row = np.zeros(room)
        row[1:] = compare_sets(code, np.arange(1, room, dtype=np.uint32), self._alike)
        return row


def compare_sets(ours: int, theirs: NDArray[np.uint32], alike: Floats | None) -> Floats:
    """Give the similarity of one set to others, all as bits (see `matching.traits.types.SetTrait`).

    Parameters
    ----------
    alike
        Shape (levels, levels): how alike each level is to each; None where no table was declared.
    """
    if alike is None:
        overlap = np.bitwise_count(theirs & np.uint32(ours)).astype(np.float64)
    else:
        places = np.arange(len(alike), dtype=np.uint32)
        members = (theirs[:, None] >> places & 1).astype(np.float64)
        near = alike[(np.uint32(ours) >> places & 1) > 0]
        there = (members[:, None, :] * near).max(axis=2, initial=0).sum(axis=1)
        overlap = (there + members @ near.max(axis=0)) / 2
    return np.asarray(overlap / (np.bitwise_count(theirs) + ours.bit_count() - overlap))


def _alike(trait: SetTrait) -> Floats | None:
    keys = [key for key, _ in trait.levels]
    if not trait.level_similarities:
        return None
    return np.array([[trait.level_similarity(one, other) for other in keys] for one in keys])


def _mask(trait: SetTrait, answer: Answer) -> int:
    chosen = answer if isinstance(answer, frozenset) else frozenset()
    if not chosen or trait.clean(chosen) != chosen:
        raise BadAnswer(trait.key, "An empty set is not an answer.", "Leave it out.")
    return sum(1 << place for place, (key, _) in enumerate(trait.levels) if key in chosen)


def _set(trait: SetTrait, mask: int) -> frozenset[str]:
    return frozenset(key for place, (key, _) in enumerate(trait.levels) if mask >> place & 1)


Book = LevelBook | SetBook | MaskBook


class Codebook:
    """Turns a teller's answers into codes, one column a trait, in catalogue order."""

    def __init__(self, catalogue: TraitCatalogue, *, sets: type[SetBook] | type[MaskBook] = SetBook) -> None:
        self.books: list[Book] = [
            sets(trait) if isinstance(trait, SetTrait) else LevelBook(trait) for trait in catalogue
        ]
        self.columns = {trait.key: column for column, trait in enumerate(catalogue)}

    @property
    def rooms(self) -> list[int]:
        return [book.room for book in self.books]

    def encode(self, answers: Sequence[Answers]) -> Codes:
        """Shape (people, traits).

        Raises
        ------
        BadAnswer
            If a mapping holds a trait or a value that the catalogue does not know.
        """
        for key in {key for person in answers for key in person} - self.columns.keys():
            raise BadAnswer(key, "There is no such question.", "Leave it out.")
        codes = np.zeros((len(answers), len(self.books)), dtype=np.uint16)
        for key, column in self.columns.items():
            codes[:, column] = self._column(key, answers)
        return codes

    def answers(self, codes: Sequence[int]) -> dict[str, Answer]:
        """Give back what one person answered, from shape (traits,)."""
        named = zip(self.columns, self.books, codes, strict=True)
        return {key: book.answer(code) for key, book, code in named if code}

    def translated(self, codes: Codes, *, by: "Codebook") -> Codes:
        """Put the codes of another book of the same catalogue, shape (people, traits), into this one's."""
        ours = codes.copy()
        for column, (book, other) in enumerate(zip(self.books, by.books, strict=True)):
            if book.grows or other.grows:
                met, where = np.unique(codes[:, column], return_inverse=True)
                named = [book.code(other.answer(code)) if code else 0 for code in met.tolist()]
                ours[:, column] = np.array(named, dtype=np.uint16)[where]
        return ours

    def _column(self, key: str, answers: Sequence[Answers]) -> list[int]:
        book = self.books[self.columns[key]]
        met: dict[Answer | None, int] = {None: 0}
        codes = []
        for person in answers:
            answer = person.get(key)
            try:
                codes.append(met[answer])
            except (KeyError, TypeError):
                code = self._code(book, answer)
                codes.append(code)
                if isinstance(answer, Hashable):
                    met[answer] = code
        return codes

    def _code(self, book: Book, answer: Answer | None) -> int:
        try:
            return 0 if answer is None else book.code(answer)
        except (KeyError, TypeError):
            # Not one of the clean values: either it can be made one, or cleaning says what is wrong.
            cleaned = book.trait.clean(answer)
            return 0 if cleaned is None else book.code(cleaned)


@lru_cache(maxsize=8)
def mask_book(catalogue: TraitCatalogue) -> Codebook:
    """Give the book that any process agrees on; it never changes, and making it takes milliseconds."""
    return Codebook(catalogue, sets=MaskBook)
