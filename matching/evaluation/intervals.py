"""A figure with how sure one may be of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine_contract import Floats

CONFIDENCE_LEVEL = 0.95
STATISTICAL_POWER = 0.8
BOOTSTRAP_DRAWS = 2_000
MIN_SAMPLE_SIZE = 2


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval, over `count` people (or whatever is independent of one another)."""

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
    """Estimate a mean by Student's t. Fewer than two values leave everything open."""
    figures = np.asarray(values, dtype=float)
    figures = figures[~np.isnan(figures)]
    count = len(figures)
    if count < MIN_SAMPLE_SIZE:
        return Estimate(float(figures.mean()) if count else 0.0, -np.inf, np.inf, count)
    mean = float(figures.mean())
    from scipy.stats import t  # takes long to load, and a web server never needs it

    reach = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, count - 1) * figures.std(ddof=1) / np.sqrt(count))
    return Estimate(mean, mean - reach, mean + reach, count)


def bootstrap_estimate(
    statistic: Callable[[np.ndarray], float],
    *,
    clusters: Sequence[object],
    seed: int,
    draws: int = BOOTSTRAP_DRAWS,
) -> Estimate:
    """Estimate any figure by drawing whole clusters anew (the percentile bootstrap).

    Parameters
    ----------
    figure
        Takes row numbers, in which a row may stand several times.
    clusters
        To whom each row belongs: rows of one person are not independent of each other.
    """
    rows_of: dict[object, list[int]] = {}
    for row, cluster in enumerate(clusters):
        rows_of.setdefault(cluster, []).append(row)
    members = [np.array(rows, dtype=np.intp) for rows in rows_of.values()]
    if len(members) < MIN_SAMPLE_SIZE:
        whole = statistic(np.arange(len(clusters))) if members else 0.0
        return Estimate(whole, -np.inf, np.inf, len(members))
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([members[place] for place in rng.integers(len(members), size=len(members))]))
        for _ in range(draws)
    ]
    kept = np.array(drawn)[~np.isnan(drawn)]
    low, high = (
        np.quantile(kept, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
        if len(kept)
        else (-np.inf, np.inf)
    )
    return Estimate(statistic(np.arange(len(clusters))), float(low), float(high), len(members))


def required_sample_size(
    effect_size: float, *, smaller_arm_share: float = 0.5, power: float = STATISTICAL_POWER
) -> int:
    """Give how many people in all, `share` of them in the smaller arm, show a difference of `effect` spreads.

    Two-sided at 5 %. Half and half, an effect of 0.19 needs about 870 people, one of 0.14 about 1,600.
    """
    if not (effect_size > 0 and 0 < smaller_arm_share < 1):
        raise ValueError("the effect must be above 0 and the share between 0 and 1")
    from scipy.stats import norm

    quantiles = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2) + norm.ppf(power))
    return int(
        np.ceil((quantiles / effect_size) ** 2 * (1 / smaller_arm_share + 1 / (1 - smaller_arm_share)))
    )
