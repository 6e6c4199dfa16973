"""Accuracy and precision: do scores foretell what people report, and do the best come first?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engines.contract import Floats, Key


@dataclass(frozen=True)
class PredictionErrors:
    """How far a straight line from scores to reports is off, on the reports' own scale."""

    mean_absolute: float
    root_mean_square: float
    baseline_root_mean_square: float


def measure_prediction_errors(scores: Floats, reports: Floats) -> PredictionErrors:
    """Measure what scores foretell; `without_scores` is the root mean square of always saying the mean."""
    left = regression_residuals(scores, reports)
    return PredictionErrors(
        float(np.mean(np.abs(left))), float(np.sqrt(np.mean(left**2))), float(reports.std(ddof=0))
    )


def regression_residuals(scores: Floats, reports: Floats) -> Floats:
    """Give each report less what the straight line that fits best says; shape (n,)."""
    spread = scores - scores.mean()
    size = float(spread @ spread)
    slope = float(spread @ reports) / size if size else 0.0
    left: Floats = reports - reports.mean() - slope * spread
    return left


def precision_at_k(ranked: Sequence[Key], wanted: frozenset[Key], *, k: int) -> float:
    """Give the share of the first k that are wanted; of all, where there are fewer than k."""
    first = ranked[:k]
    return sum(one in wanted for one in first) / len(first) if first else 0.0


def ndcg_at_k(gains: Sequence[float], *, k: int) -> float:
    """Give the discounted gain of the first k, by the gains in ranked order, relative to the best order.

    1 is the best order there is. Nobody can be ranked wrongly where nothing is to be gained: 1 as well.
    """
    falling = sorted(gains, reverse=True)
    best = _discounted(falling, k)
    return _discounted(gains, k) / best if best else 1.0


def _discounted(gains: Sequence[float], k: int) -> float:
    return float(sum(gain / np.log2(place + 2) for place, gain in enumerate(gains[:k])))
