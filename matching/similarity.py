"""Neutral similarity: an unanswered question counts as what could be expected of it, no more and no less.

For a viewer q and a teller x, over the features F that q answered and that weigh something::

    score(q, x) = sum_f w_f * s_f(q, x) / sum_f w_f          f in F
    w_f         = base weight * the viewer's own "matters to me" (0, 1, 2 or 4)
    s_f(q, x)   = similarity of both answers (see `matching.traits.types`), if x answered
                  mean of s_f(q, y) over every teller y who answered f, if x did not

A trait that no teller has answered says nothing about anyone: it is left out of both sums. A viewer with nothing
to compare scores 0 with everybody.

What follows from it, and is tested: a score lies between 0 and 1; between two people who answered everything, and weigh
alike, it is the same either way; what the viewer left open cannot change it; leaving a question open moves it from where an
answer would put it by that trait's share of the weight times the distance of that answer from the expected one, so that
nobody gains by silence more than the average of those who spoke; and a trait that is more alike than the rest can
only raise it when it weighs more.

The functions here are the formula in its plainest form. The engines compute the same in bulk.

Notes
-----
The weighted mean over traits of mixed kinds is Gower's coefficient [1]_. Gower leaves a trait out where either person is
silent, which lets someone who answered two questions that happen to agree reach 1; taking the expected value
instead is mean imputation, done on similarities rather than answers, so that it is defined for sets and categories too.
`docs/matching.md` has the figures that decided between them.

References
----------
.. [1] J. C. Gower, "A general coefficient of similarity and some of its properties", Biometrics 27(4), 857-871, 1971.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from matching.traits.catalogue import Answer, Answers, Trait, TraitCatalogue

VIEWER_WEIGHTS = (0, 1, 2, 4)
DEFAULT_VIEWER_WEIGHT = 1


class BadWeight(ValueError):
    """A weight that is not allowed, for a trait that may not exist."""

    def __init__(self, trait_key: str, weight: float, allowed: str) -> None:
        self.trait_key = trait_key
        self.weight = weight
        super().__init__(f"{trait_key}: the weight {weight!r} is not {allowed}")


@dataclass(frozen=True)
class WeightedQuery:
    """What a viewer is matched by.

    Attributes
    ----------
    answers
        Clean answers by trait.
    weights
        Base times own weight of each answered trait, above 0; only relations between them matter.
    """

    answers: Answers
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Contribution:
    """One trait's part in a score.

    Attributes
    ----------
    similarity
        From 0 to 1; the expected one where the teller did not answer.
    weight
        The trait's share: those of a match add up to 1.
    known
        Whether the teller answered.
    amount
        Weight times similarity: those of a match add up to its score.
    """

    trait: str
    similarity: float
    weight: float
    known: bool

    @property
    def amount(self) -> float:
        return self.weight * self.similarity


def build_weighted_query(
    answers: Answers,
    *,
    catalogue: TraitCatalogue,
    base_weights: Mapping[str, float],
    viewer_weights: Mapping[str, float],
) -> WeightedQuery:
    """Join the base weights with what matters to this viewer, for what they answered.

    A trait without a base weight has 1, and so has one that the viewer said nothing about, except identity
    traits: those weigh nothing unless the viewer gave them a weight.

    Raises
    ------
    BadWeight
        If a weight names no trait, a base weight is negative or not finite, or an own weight is not 0, 1, 2 or 4.
    """
    for key, weight in base_weights.items():
        if key not in catalogue or not (math.isfinite(weight) and weight >= 0):
            raise BadWeight(key, weight, "a finite number of 0 or more for a trait of the catalogue")
    for key, weight in viewer_weights.items():
        if key not in catalogue or weight not in VIEWER_WEIGHTS:
            raise BadWeight(key, weight, "0, 1, 2 or 4 for a trait of the catalogue")
    weights = {
        trait.key: base_weights.get(trait.key, 1.0)
        * viewer_weights.get(trait.key, 0 if trait.identity else DEFAULT_VIEWER_WEIGHT)
        for trait in catalogue
        if trait.key in answers
    }
    return WeightedQuery(answers, {key: weight for key, weight in weights.items() if weight > 0})


def expected_similarity(trait: Trait, answer: Answer, counts: Mapping[Answer, int]) -> float | None:
    """Give the mean similarity of an answer to those of all tellers who gave one, or None where nobody did.

    Parameters
    ----------
    counts
        How many tellers gave each answer.
    """
    answered = sum(counts.values())
    if not answered:
        return None
    return sum(count * trait.similarity(answer, other) for other, count in counts.items()) / answered


def compute_contributions(
    query: WeightedQuery,
    teller_answers: Answers,
    *,
    catalogue: TraitCatalogue,
    expected_by_trait: Mapping[str, float | None],
) -> list[Contribution]:
    """Compare one viewer with one teller, trait by trait, in catalogue order.

    Parameters
    ----------
    expected
        By trait, what `expected_similarity` gave; traits with None are left out.
    """
    comparable = {
        key: weight for key, weight in query.weights.items() if expected_by_trait.get(key) is not None
    }
    total = sum(comparable.values())
    parts = []
    for trait in catalogue:
        expectation = expected_by_trait.get(trait.key)
        if trait.key not in comparable or expectation is None:
            continue
        known = trait.key in teller_answers
        alike = (
            trait.similarity(query.answers[trait.key], teller_answers[trait.key]) if known else expectation
        )
        parts.append(Contribution(trait.key, alike, comparable[trait.key] / total, known))
    return parts


def sum_contributions(contributions: list[Contribution]) -> float:
    """Add up what the traits contribute: from 0 to 1, and 0 where there was nothing to compare."""
    return sum(part.amount for part in contributions)
