"""Neutral similarity: an unanswered question counts as what could be expected of it, no more and no less.

For a viewer and a teller, over the traits that the viewer answered and that weigh something::

    score = sum(w * s) / sum(w)
    w     = base weight * the viewer's own "matters to me" (0, 1, 2 or 4)
    s     = similarity of both answers, or, where the teller gave none, the mean similarity of the viewer's
            answer to every teller who did answer

A trait that no teller has answered says nothing about anyone: it is left out of both sums. A viewer with nothing
to compare scores 0 with everybody.

The functions here are the formula in its plainest form. The engines compute the same in bulk.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from matching.traits import Answer, Answers, Trait, TraitCatalogue

OWN_WEIGHTS = (0, 1, 2, 4)
USUAL = 1


class BadWeight(ValueError):
    """A weight that is not allowed, for a trait that may not exist."""

    def __init__(self, trait_key: str, weight: float, allowed: str) -> None:
        self.trait_key = trait_key
        self.weight = weight
        super().__init__(f"{trait_key}: the weight {weight!r} is not {allowed}")


@dataclass(frozen=True)
class Query:
    """What a viewer is matched by: clean answers, and the weight of each (base times own)."""

    answers: Answers
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Contribution:
    """One trait's part in a score: the weights of a match add up to 1, the amounts to its score."""

    trait: str
    similarity: float
    weight: float
    known: bool

    @property
    def amount(self) -> float:
        return self.weight * self.similarity


def weigh(
    answers: Answers, *, catalogue: TraitCatalogue, base: Mapping[str, float], own: Mapping[str, float]
) -> Query:
    """Join the base weights with what matters to this viewer, for what they answered.

    A trait without a base weight has 1, and so has one that the viewer said nothing about, except identity
    traits: those weigh nothing unless the viewer gave them a weight.

    Raises
    ------
    BadWeight
        If a weight names no trait, a base weight is negative or not finite, or an own weight is not 0, 1, 2 or 4.
    """
    for key, weight in base.items():
        if key not in catalogue or not (math.isfinite(weight) and weight >= 0):
            raise BadWeight(key, weight, "a finite number of 0 or more for a trait of the catalogue")
    for key, weight in own.items():
        if key not in catalogue or weight not in OWN_WEIGHTS:
            raise BadWeight(key, weight, "0, 1, 2 or 4 for a trait of the catalogue")
    weights = {
        trait.key: base.get(trait.key, 1.0) * own.get(trait.key, 0 if trait.identity else USUAL)
        for trait in catalogue
        if trait.key in answers
    }
    return Query(answers, {key: weight for key, weight in weights.items() if weight > 0})


def expected_similarity(trait: Trait, answer: Answer, counts: Mapping[Answer, int]) -> float | None:
    """Mean similarity of an answer to those counted, or None where nobody answered."""
    answered = sum(counts.values())
    if not answered:
        return None
    return sum(count * trait.similarity(answer, other) for other, count in counts.items()) / answered


def contributions(
    query: Query, teller: Answers, *, catalogue: TraitCatalogue, expected: Mapping[str, float | None]
) -> list[Contribution]:
    """Compare one viewer with one teller, trait by trait, in catalogue order."""
    comparable = {key: weight for key, weight in query.weights.items() if expected.get(key) is not None}
    total = sum(comparable.values())
    parts = []
    for trait in catalogue:
        expectation = expected.get(trait.key)
        if trait.key not in comparable or expectation is None:
            continue
        known = trait.key in teller
        alike = trait.similarity(query.answers[trait.key], teller[trait.key]) if known else expectation
        parts.append(Contribution(trait.key, alike, comparable[trait.key] / total, known))
    return parts


def score(parts: list[Contribution]) -> float:
    return sum(part.amount for part in parts)
