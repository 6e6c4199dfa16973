"""Off-policy evaluation: estimates matched and random policies from logged slates and their propensities.

Inverse propensity scoring (IPS) weights a logged slate by the ratio of its probability under the other policy and its
propensity. SNIPS divides by the sum of these weights instead of the number of slates, which adds a little bias and removes
much noise. People, not slates, are independent of one another, so intervals are over people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine_contract import Floats, Key
from matching.evaluation.intervals import (
    BOOTSTRAP_DRAWS,
    MIN_SAMPLE_SIZE,
    Estimate,
    percentile_estimate,
    required_sample_size,
)

# The effects that published trials of such stories found, in standard deviations of the outcome.
PUBLISHED_EFFECT_SIZES = (0.14, 0.19)


@dataclass(frozen=True)
class LoggedOutcome:
    """A story or slate that was shown, and its outcome.

    Attributes
    ----------
    propensity
        The probability with which it was shown.
    matched_probability, random_probability
        Its probability under the matched policy alone and under the random policy alone.
    """

    person: Key
    outcome: float
    propensity: float
    matched_probability: float
    random_probability: float


@dataclass(frozen=True)
class PolicyComparison:
    """Matched compared with random.

    Attributes
    ----------
    matched_mean, random_mean
        The mean outcome under each policy (SNIPS).
    lift_ips, lift_snips
        Matched minus random.
    effect_size
        The SNIPS lift in standard deviations of the outcome.
    people_still_needed
        How many more people it takes to show a published effect: the larger and the smaller one.
    """

    matched_mean: Estimate
    random_mean: Estimate
    lift_ips: Estimate
    lift_snips: Estimate
    effect_size: float
    effective_sample_size: float  # of the random side, after weighting
    person_count: int
    people_still_needed: tuple[int, int]


def compare_with_random(
    log: Sequence[LoggedOutcome], *, seed: int = 0, random_share: float = 0.1
) -> PolicyComparison | None:
    """Compare the matched policy with the random one; returns None if either has no outcomes in the log.

    Parameters
    ----------
    random_share
        The share of random slates, for the number of people still needed.
    """
    outcomes, propensities, matched, random = _log_columns(log)
    matched_weights, random_weights = matched / propensities, random / propensities
    if not matched_weights.sum() or not random_weights.sum():
        return None
    columns = (matched_weights * outcomes, matched_weights, random_weights * outcomes, random_weights)
    people = [logged.person for logged in log]
    sums = _sums_by_person(people, np.column_stack([*columns, np.ones(len(log))]))
    full_sample = _lift_statistics(sums.sum(axis=0)[None, :])[0]
    resampled = _lift_statistics(_bootstrap_sums(sums, seed))
    matched_mean, random_mean, ips, snips = (
        percentile_estimate(float(value), draws, len(sums))
        for value, draws in zip(full_sample, resampled.T, strict=True)
    )
    standard_deviation = float(outcomes.std(ddof=1)) if len(outcomes) >= MIN_SAMPLE_SIZE else 0.0
    small_effect, large_effect = (
        max(0, required_sample_size(effect, smaller_arm_share=random_share) - len(sums))
        for effect in PUBLISHED_EFFECT_SIZES
    )
    return PolicyComparison(
        matched_mean,
        random_mean,
        ips,
        snips,
        snips.value / standard_deviation if standard_deviation else 0.0,
        float(random_weights.sum() ** 2 / (random_weights**2).sum()),
        len(sums),
        (large_effect, small_effect),
    )


def _log_columns(log: Sequence[LoggedOutcome]) -> Floats:
    """Return outcomes, propensities, matched and random probabilities, shape (4, n)."""
    rows = [
        (logged.outcome, logged.propensity, logged.matched_probability, logged.random_probability)
        for logged in log
    ]
    columns = np.array(rows, dtype=float).reshape(-1, 4).T
    if np.any(columns[1] <= 0):
        raise ValueError("propensities must be positive")
    return columns


def _sums_by_person(people: Sequence[Key], columns: Floats) -> Floats:
    _, person_index = np.unique(np.array([str(person) for person in people]), return_inverse=True)
    sums = np.zeros((person_index.max() + 1, columns.shape[1]))
    np.add.at(sums, person_index, columns)
    return sums


def _bootstrap_sums(sums: Floats, seed: int) -> Floats:
    """Resample people and sum their columns; shape (draws, m)."""
    rng = np.random.default_rng(seed)
    return np.array(
        [sums[rng.integers(len(sums), size=len(sums))].sum(axis=0) for _ in range(BOOTSTRAP_DRAWS)]
    )


def _lift_statistics(sums: Floats) -> Floats:
    """Return both SNIPS means, the IPS lift and the SNIPS lift; shape (n, 4), NaN if a side is empty."""
    matched_sum, matched_weight, random_sum, random_weight, count = sums.T
    nan = np.full(len(sums), np.nan)
    matched = np.divide(matched_sum, matched_weight, out=nan.copy(), where=matched_weight > 0)
    random = np.divide(random_sum, random_weight, out=nan.copy(), where=random_weight > 0)
    return np.column_stack([matched, random, (matched_sum - random_sum) / count, matched - random])
