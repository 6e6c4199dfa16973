"""Would another way of choosing have done better? Asked of what was shown, by the chances it was shown with.

Everything shown was logged with its propensity. A story that another policy would show twice as often counts twice
(inverse propensity scoring, IPS); dividing by the sum of these counts instead of by the number shown (SNIPS) trades a
little bias for much less noise. People, not stories, are independent of one another, so intervals are over people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine_contract import Floats, Key
from matching.evaluation.intervals import (
    BOOTSTRAP_DRAWS,
    CONFIDENCE_LEVEL,
    MIN_SAMPLE_SIZE,
    Estimate,
    required_sample_size,
)

# What the published trials of such stories found, in spreads of the outcome.
PUBLISHED_EFFECT_SIZES = (0.14, 0.19)


@dataclass(frozen=True)
class LoggedOutcome:
    """One thing that was shown, or one list, and what came of it.

    Attributes
    ----------
    propensity
        The chance with which it was shown.
    matched, random
        The chance with which the matched policy alone, or chance alone within the gates, would have shown it.
    """

    person: Key
    outcome: float
    propensity: float
    matched_probability: float
    random_probability: float


@dataclass(frozen=True)
class PolicyComparison:
    """Matched against random.

    Attributes
    ----------
    matched, random
        The mean outcome under each (SNIPS).
    lift_ips, lift_snips
        Matched less random.
    effect
        The SNIPS lift in spreads of the outcome.
    effective
        For how many things shown at random the random side counts, after weighting.
    people, still_needed
        How many took part, and how many more it takes to show a published effect: the larger and the smaller one.
    """

    matched_mean: Estimate
    random_mean: Estimate
    lift_ips: Estimate
    lift_snips: Estimate
    effect_size: float
    effective_sample_size: float
    person_count: int
    people_still_needed: tuple[int, int]


def compare_with_random(
    log: Sequence[LoggedOutcome], *, seed: int = 0, random_share: float = 0.1
) -> PolicyComparison | None:
    """Compare the matched policy with chance; None as long as either side has shown nothing.

    Parameters
    ----------
    share
        The share of random lists, from which follows how many people are needed.
    """
    outcomes, propensities, matched, random = _log_columns(log)
    towards_matched, towards_random = matched / propensities, random / propensities
    if not towards_matched.sum() or not towards_random.sum():
        return None
    sums = _sums_by_person(
        [one.person for one in log],
        np.column_stack(
            [
                towards_matched * outcomes,
                towards_matched,
                towards_random * outcomes,
                towards_random,
                np.ones(len(log)),
            ]
        ),
    )
    drawn = _bootstrap_sums(sums, seed)
    spread = float(outcomes.std(ddof=1)) if len(outcomes) >= MIN_SAMPLE_SIZE else 0.0
    whole, resampled = _lift_statistics(sums.sum(axis=0)[None, :])[0], _lift_statistics(drawn)
    matched_mean, random_mean, ips, snips = (
        _percentile_estimate(float(whole[place]), resampled[:, place], len(sums)) for place in range(4)
    )
    return PolicyComparison(
        matched_mean,
        random_mean,
        ips,
        snips,
        snips.value / spread if spread else 0.0,
        float(towards_random.sum() ** 2 / (towards_random**2).sum()),
        len(sums),
        _still_needed(len(sums), random_share),
    )


def _still_needed(people: int, share: float) -> tuple[int, int]:
    small, large = PUBLISHED_EFFECT_SIZES
    return (
        max(0, required_sample_size(large, smaller_arm_share=share) - people),
        max(0, required_sample_size(small, smaller_arm_share=share) - people),
    )


def _log_columns(log: Sequence[LoggedOutcome]) -> tuple[Floats, Floats, Floats, Floats]:
    table = np.array(
        [[one.outcome, one.propensity, one.matched_probability, one.random_probability] for one in log],
        dtype=float,
    ).reshape(-1, 4)
    if np.any(table[:, 1] <= 0):
        raise ValueError("what was shown had a chance above 0")
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _sums_by_person(people: Sequence[Key], columns: Floats) -> Floats:
    _, place = np.unique(np.array([str(person) for person in people]), return_inverse=True)
    sums = np.zeros((place.max() + 1, columns.shape[1]))
    np.add.at(sums, place, columns)
    return sums


def _bootstrap_sums(sums: Floats, seed: int) -> Floats:
    """Draw as many people anew, many times, and add up their columns; shape (draws, m)."""
    rng = np.random.default_rng(seed)
    return np.array(
        [sums[rng.integers(len(sums), size=len(sums))].sum(axis=0) for _ in range(BOOTSTRAP_DRAWS)]
    )


def _lift_statistics(sums: Floats) -> Floats:
    """Give the two SNIPS means, the IPS lift and the SNIPS lift; shape (n, 4), not a number where a side is empty."""
    one, one_weight, other, other_weight, count = sums.T
    nothing = np.full(len(sums), np.nan)
    matched = np.divide(one, one_weight, out=nothing.copy(), where=one_weight > 0)
    random = np.divide(other, other_weight, out=nothing.copy(), where=other_weight > 0)
    return np.column_stack([matched, random, (one - other) / count, matched - random])


def _percentile_estimate(value: float, drawn: Floats, people: int) -> Estimate:
    kept = drawn[~np.isnan(drawn)]
    if people < MIN_SAMPLE_SIZE or not len(kept):
        return Estimate(value, -np.inf, np.inf, people)
    low, high = np.quantile(kept, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
    return Estimate(value, float(low), float(high), people)
