"""Estimates with 95 % intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats

CONFIDENCE_LEVEL = 0.95
STATISTICAL_POWER = 0.8
BOOTSTRAP_DRAWS = 2_000
MIN_SAMPLE_SIZE = 2


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, from `count` independent units, mostly people."""

    value: float
    low: float
    high: float
    count: int

    @property
    def is_above_zero(self) -> bool:
        return self.low > 0

    @property
    def is_below_zero(self) -> bool:
        return self.high < 0

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}], n = {self.count:,}"


def estimate_mean(values: Sequence[float] | Floats) -> Estimate:
    """Estimate a mean by Student's t, without NaN; the interval of fewer than two values is infinite."""
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[~np.isnan(numbers)]
    count = len(numbers)
    mean = float(numbers.mean()) if count else 0.0
    if count < MIN_SAMPLE_SIZE:
        return Estimate(mean, -np.inf, np.inf, count)
    from scipy.stats import t  # takes long to import, and a web process never needs it

    margin = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, count - 1) * numbers.std(ddof=1) / np.sqrt(count))
    return Estimate(mean, mean - margin, mean + margin, count)


def bootstrap_estimate(
    statistic: Callable[[NDArray[np.intp]], float],
    *,
    clusters: Sequence[object],
    seed: int,
    draws: int = BOOTSTRAP_DRAWS,
) -> Estimate:
    """Estimate a statistic by resampling whole clusters (percentile bootstrap).

    Parameters
    ----------
    statistic
        Takes row numbers, in which a row may occur several times.
    clusters
        The cluster of each row; rows of one person are not independent of each other.
    """
    rows_by_cluster: dict[object, list[int]] = {}
    for row, cluster in enumerate(clusters):
        rows_by_cluster.setdefault(cluster, []).append(row)
    members = [np.array(rows, dtype=np.intp) for rows in rows_by_cluster.values()]
    full_sample = statistic(np.arange(len(clusters))) if members else 0.0
    if len(members) < MIN_SAMPLE_SIZE:
        return Estimate(full_sample, -np.inf, np.inf, len(members))
    rng = np.random.default_rng(seed)
    resampled = [
        statistic(np.concatenate([members[index] for index in rng.integers(len(members), size=len(members))]))
        for _ in range(draws)
    ]
    return percentile_estimate(full_sample, np.array(resampled), len(members))


def percentile_estimate(value: float, resampled: Floats, count: int) -> Estimate:
    """Return the percentile interval of bootstrap draws, without NaN; infinite for fewer than two units."""
    valid = resampled[~np.isnan(resampled)]
    if count < MIN_SAMPLE_SIZE or not len(valid):
        return Estimate(value, -np.inf, np.inf, count)
    low, high = np.quantile(valid, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
    return Estimate(value, float(low), float(high), count)


def required_sample_size(
    effect_size: float, *, smaller_arm_share: float = 0.5, power: float = STATISTICAL_POWER
) -> int:
    """Return the total number of people who show an effect, in standard deviations, two-sided at 5 %.

    With equal arms, an effect of 0.19 needs about 870 people, one of 0.14 about 1,600.
    """
    if not (effect_size > 0 and 0 < smaller_arm_share < 1):
        raise ValueError("the effect must be above 0 and the share between 0 and 1")
    from scipy.stats import norm

    quantiles = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2) + norm.ppf(power))
    variance = 1 / smaller_arm_share + 1 / (1 - smaller_arm_share)
    return int(np.ceil((quantiles / effect_size) ** 2 * variance))
