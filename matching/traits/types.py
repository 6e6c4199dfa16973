"""The four kinds of trait: which answers each allows, and how similar two answers are."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from matching.traits.templates import SentenceTemplates

Answer = float | str | frozenset[str]
Answers = Mapping[str, Answer]
Levels = tuple[tuple[str, str], ...]
LevelSimilarities = Mapping[tuple[str, str], float]

# The engines pack answers into tables of at most 4,096 entries, one of which means "not answered".
MAX_VALUES = 4_095
MIN_LEVELS = 2
# Distinct sets are numbered in 16 bits, zero meaning "not answered": 2**16 - 1 non-empty sets.
MAX_SET_LEVELS = 16


class InvalidAnswer(ValueError):
    """An answer that the catalogue does not allow; `fix` tells the person what to do."""

    def __init__(self, trait_key: str, problem: str, fix: str) -> None:
        self.trait_key = trait_key
        self.problem = problem
        self.fix = fix
        super().__init__(f"{trait_key}: {problem} {fix}")


class InvalidCatalogue(ValueError):
    """A trait contradicts itself or another one; raised when the catalogue is built."""


@dataclass(frozen=True, kw_only=True)
class Trait(ABC):
    """One thing a person may share about themselves.

    Attributes
    ----------
    key
        The stable name in stored answers.
    label
        A noun phrase for the middle of a sentence ("working hours").
    identity
        Gender, ethnicity, sexuality, disability, faith: never inferred, and has no weight until the viewer says that it
        matters.
    """

    key: str
    label: str
    question: str
    identity: bool = False
    templates: SentenceTemplates = field(default_factory=SentenceTemplates)

    @abstractmethod
    def clean(self, value: object) -> Answer | None:
        """Validate one answer from JSON; None and an empty set mean "not answered"."""

    @abstractmethod
    def similarity(self, first: Answer, second: Answer) -> float:
        """Return the similarity of two clean answers, from 0 to 1; symmetric."""

    @property
    @abstractmethod
    def values(self) -> tuple[Answer, ...]:
        """All possible answers in order; empty for sets, which have too many."""

    @abstractmethod
    def format_answer(self, answer: Answer) -> str:
        """Return a clean answer as text."""

    def answer_to_json(self, answer: Answer) -> float | str | list[str]:
        """Return a clean answer as JSON; `clean` converts it back."""
        return sorted(answer) if isinstance(answer, frozenset) else answer

    def bad_answer(self, problem: str, fix: str) -> InvalidAnswer:
        return InvalidAnswer(self.key, problem, fix)


@dataclass(frozen=True, kw_only=True)
class NumericTrait(Trait):
    """A number in a range, rounded to the nearest `step`; similarity falls linearly over the whole range.

    ::

        s(a, b) = max(0, 1 - |a - b| / (maximum - minimum))

    Answers are rounded once, in `clean`, so that every engine compares the same numbers exactly. (Gower's form for
    quantities, see `matching.similarity`.)
    """

    minimum: float
    maximum: float
    unit: str
    unit_singular: str = ""
    step: float = 1
    # Replaces "number unit" where the plural rules of the reader's language apply.
    format_quantity: Callable[[float], str] | None = None

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum or self.step <= 0:
            raise InvalidCatalogue(f"{self.key}: the maximum must be above the minimum, and the step above 0")
        steps = (self.maximum - self.minimum) / self.step
        if not math.isclose(steps, round(steps), abs_tol=1e-9):
            raise InvalidCatalogue(f"{self.key}: the range must be a whole number of steps")
        if round(steps) + 1 > MAX_VALUES:
            raise InvalidCatalogue(f"{self.key}: more than {MAX_VALUES} values; choose a larger step")

    def clean(self, value: object) -> float | None:
        if value is None:
            return None
        fix = f"Give a number from {self.minimum:g} to {self.maximum:g}, or leave it out."
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.bad_answer("This is not a number.", fix)
        if not self.minimum <= value <= self.maximum:
            raise self.bad_answer("This number is out of range.", fix)
        return self._value_at(self.position(value))

    def position(self, answer: Answer) -> int:
        """Return the number of steps from the minimum; halves round up."""
        return math.floor((_require_number(answer) - self.minimum) / self.step + 0.5)

    def similarity(self, first: Answer, second: Answer) -> float:
        span = round((self.maximum - self.minimum) / self.step)
        return max(0.0, 1 - abs(self.position(first) - self.position(second)) / span)

    @property
    def values(self) -> tuple[Answer, ...]:
        return tuple(self._value_at(position) for position in range(self.position(self.maximum) + 1))

    def format_answer(self, answer: Answer) -> str:
        number = _require_number(answer)
        if self.format_quantity is not None:
            return self.format_quantity(number)
        unit = self.unit_singular if number == 1 and self.unit_singular else self.unit
        return f"{number:g} {unit}".rstrip()

    def _value_at(self, position: int) -> float:
        value = round(self.minimum + position * self.step, 9)
        return int(value) if value == int(value) else value


@dataclass(frozen=True, kw_only=True)
class _LevelledTrait(Trait):
    levels: Levels

    def __post_init__(self) -> None:
        keys = [key for key, _ in self.levels]
        if len(keys) < MIN_LEVELS or len(set(keys)) != len(keys) or len(keys) > MAX_VALUES:
            raise InvalidCatalogue(f"{self.key}: levels must be at least two and all different")
        levels_with_sentence = {*self.templates.shared_by_level, *self.templates.differs_by_level}
        if unknown := levels_with_sentence - set(keys):
            raise InvalidCatalogue(f"{self.key}: sentences for unknown levels {sorted(unknown)}")

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        return {key: position for position, (key, _) in enumerate(self.levels)}

    def position(self, answer: Answer) -> int:
        return self._positions[str(answer)]

    def clean(self, value: object) -> Answer | None:
        return None if value is None else self._clean_level(value)

    @property
    def values(self) -> tuple[Answer, ...]:
        return tuple(key for key, _ in self.levels)

    def format_answer(self, answer: Answer) -> str:
        return dict(self.levels)[str(answer)]

    def _clean_level(self, value: object) -> str:
        if isinstance(value, str) and value in self._positions:
            return value
        choices = ", ".join(self._positions)
        raise self.bad_answer("This is not one of the choices.", f"Choose from {choices}, or leave it out.")


@dataclass(frozen=True, kw_only=True)
class OrdinalTrait(_LevelledTrait):
    """Ordered levels; similarity falls linearly from one end to the other.

    ::

        s(a, b) = 1 - |position of a - position of b| / (number of levels - 1)
    """

    def similarity(self, first: Answer, second: Answer) -> float:
        return 1 - abs(self.position(first) - self.position(second)) / (len(self.levels) - 1)


@dataclass(frozen=True, kw_only=True)
class CategoryTrait(_LevelledTrait):
    """Levels without an order; a declared table may give the similarity of unequal levels.

    ::

        s(a, b) = 1 if a = b, else table[a, b], else 0
    """

    level_similarities: LevelSimilarities = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        _validate_level_similarities(self.key, self.values, self.level_similarities)

    def similarity(self, first: Answer, second: Answer) -> float:
        return _level_similarity(str(first), str(second), self.level_similarities)


@dataclass(frozen=True, kw_only=True)
class SetTrait(_LevelledTrait):
    """Any number of levels at once; similarity is Jaccard's coefficient, softened by a declared table if there is one.

    ::

        s(A, B)    = overlap / (|A| + |B| - overlap)
        overlap    = (sum_{a in A} max_{b in B} t(a, b) + sum_{b in B} max_{a in A} t(a, b)) / 2
        t(a, b)    = 1 if a = b, else table[a, b], else 0

    With a table, the overlap of two sets is the mean of both directions of pairing each member with the most similar
    member of the other set; without one it is the number of shared members, and s is Jaccard's coefficient [1]_.

    References
    ----------
    .. [1] P. Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11(2), 37-50, 1912.
    """

    list_template: str = "{items} and {last}"  # joins the labels of several levels
    level_similarities: LevelSimilarities = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        _validate_level_similarities(self.key, tuple(key for key, _ in self.levels), self.level_similarities)
        if len(self.levels) > MAX_SET_LEVELS:
            raise InvalidCatalogue(f"{self.key}: a set may have at most {MAX_SET_LEVELS} levels")

    def clean(self, value: object) -> Answer | None:
        if value is None:
            return None
        if not isinstance(value, list | tuple | set | frozenset):
            raise self.bad_answer("This is not a list.", "Give a list of choices, or leave it out.")
        chosen = [self._clean_level(item) for item in value]
        if len(set(chosen)) != len(chosen):
            raise self.bad_answer("The same choice is given twice.", "Give each choice once.")
        return frozenset(chosen) or None

    def similarity(self, first: Answer, second: Answer) -> float:
        first_set, second_set = _require_set(first), _require_set(second)
        forward = sum(max(self.level_similarity(a, b) for b in second_set) for a in first_set)
        backward = sum(max(self.level_similarity(a, b) for a in first_set) for b in second_set)
        overlap = (forward + backward) / 2
        return overlap / (len(first_set) + len(second_set) - overlap)

    def level_similarity(self, first: str, second: str) -> float:
        return _level_similarity(first, second, self.level_similarities)

    @property
    def values(self) -> tuple[Answer, ...]:
        return ()

    def format_answer(self, answer: Answer) -> str:
        chosen = _require_set(answer)
        *all_but_last, last = [label for key, label in self.levels if key in chosen]
        return self.list_template.format(items=", ".join(all_but_last), last=last) if all_but_last else last


def _require_number(answer: Answer) -> float:
    if isinstance(answer, int | float):
        return answer
    raise TypeError(f"expected a number, got {answer!r}")


def _require_set(answer: Answer) -> frozenset[str]:
    if isinstance(answer, frozenset):
        return answer
    raise TypeError(f"expected a set, got {answer!r}")


def _level_similarity(first: str, second: str, level_similarities: LevelSimilarities) -> float:
    if first == second:
        return 1.0
    return level_similarities.get((first, second), level_similarities.get((second, first), 0.0))


def _validate_level_similarities(
    key: str, levels: Sequence[Answer], level_similarities: LevelSimilarities
) -> None:
    for (first, second), similarity in level_similarities.items():
        if first not in levels or second not in levels or first == second or not 0 <= similarity <= 1:
            raise InvalidCatalogue(
                f"{key}: {first}/{second} = {similarity} must be two different levels with a similarity from 0 to 1"
            )
        if level_similarities.get((second, first), similarity) != similarity:
            raise InvalidCatalogue(f"{key}: {first}/{second} is declared twice with different similarities")
