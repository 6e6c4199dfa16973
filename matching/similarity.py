"""Neutral similarity: an unanswered question counts as its expected similarity.

For a viewer q and a teller x, over the features F that q answered and that have a weight::

    score(q, x) = sum_f w_f * s_f(q, x) / sum_f w_f          f in F
    w_f         = base weight * the viewer's own weight (0, 1, 2 or 4)
    s_f(q, x)   = similarity of both answers (see `matching.traits`), if x answered
                  mean of s_f(q, y) over every teller y who answered f, if x did not

A trait that no teller answered is left out of both sums. A viewer with nothing to compare scores 0 with everybody.

Tests verify the consequences. A score is between 0 and 1. It is symmetric between two people who answered everything and have
the same weights. A question that the viewer left open cannot change it. An answer moves it by the trait's share of the weight
times its distance from the expected similarity, so that on average nobody gains by leaving a question open.

This module is the reference formula; the engines compute the same in bulk.

Notes
-----
The weighted mean over traits of mixed kinds is Gower's coefficient [1]_. Gower leaves out a trait that either person did not
answer, so two answers that happen to agree can reach 1. The expected value instead is mean imputation on similarities rather
than answers, which is defined for sets and categories too. `docs/matching.md` has the comparison.

References
----------
.. [1] J. C. Gower, "A general coefficient of similarity and some of its properties", Biometrics 27(4), 857-871, 1971.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matching.traits import Answer, Answers, Trait, TraitCatalogue

VIEWER_WEIGHTS = (0, 1, 2, 4)
DEFAULT_VIEWER_WEIGHT = 1
# Far above any useful weight, and small enough that sums of weights times the grid cannot overflow.
MAX_BASE_WEIGHT = 1e6


class InvalidWeight(ValueError):
    """A weight out of bounds, or for a trait that does not exist."""

    def __init__(self, trait_key: str, weight: float, allowed: str) -> None:
        self.trait_key = trait_key
        self.weight = weight
        super().__init__(f"{trait_key}: the weight {weight!r} is not {allowed}")


@dataclass(frozen=True)
class WeightedQuery:
    """A viewer's answers and their weights.

    Attributes
    ----------
    answers
        Clean answers by trait.
    weights
        Base weight times viewer's weight of each answered trait, above 0; only their ratios matter.
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
        The trait's share; the weights of a match sum to 1.
    known
        Whether the teller answered.
    amount
        Weight times similarity; the amounts of a match sum to its score.
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
    base_weights: Mapping[str, float] | None = None,
    viewer_weights: Mapping[str, float] | None = None,
) -> WeightedQuery:
    """Multiply base weights by the viewer's own weights, for the traits that the viewer answered.

    Both default to 1, except that the viewer's weight of an identity trait defaults to 0.

    Raises
    ------
    InvalidWeight
        If a weight names no trait, a base weight is not a number from 0 to 1,000,000, or a viewer weight is not 0, 1, 2
        or 4.
    """
    base_weights, viewer_weights = base_weights or {}, viewer_weights or {}
    for key, weight in base_weights.items():
        if key not in catalogue or not 0 <= weight <= MAX_BASE_WEIGHT:
            raise InvalidWeight(
                key, weight, f"a number from 0 to {MAX_BASE_WEIGHT:,.0f} for a trait of the catalogue"
            )
    for key, weight in viewer_weights.items():
        if key not in catalogue or weight not in VIEWER_WEIGHTS:
            raise InvalidWeight(key, weight, "0, 1, 2 or 4 for a trait of the catalogue")
    weights = {
        trait.key: base_weights.get(trait.key, 1.0)
        * viewer_weights.get(trait.key, 0 if trait.identity else DEFAULT_VIEWER_WEIGHT)
        for trait in catalogue
        if trait.key in answers
    }
    return WeightedQuery(answers, {key: weight for key, weight in weights.items() if weight > 0})


def expected_similarity(trait: Trait, answer: Answer, counts: Mapping[Answer, int]) -> float | None:
    """Return the mean similarity of an answer to those of all tellers who answered, or None if nobody did.

    Parameters
    ----------
    counts
        How many tellers have each answer.
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
    expected_by_trait
        From `expected_similarity`; traits with None are left out.
    """
    expected = {
        key: similarity for key in query.weights if (similarity := expected_by_trait.get(key)) is not None
    }
    total = sum(query.weights[key] for key in expected)
    contributions = []
    for trait in catalogue:
        if trait.key in expected:
            answer = teller_answers.get(trait.key)
            known = answer is not None
            similarity = (
                expected[trait.key] if answer is None else trait.similarity(query.answers[trait.key], answer)
            )
            weight = query.weights[trait.key] / total
            contributions.append(Contribution(trait.key, similarity, weight, known))
    return contributions
