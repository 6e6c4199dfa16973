"""Accuracy and precision: do scores predict what people report, and do the best come first?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine_contract import Floats, Key


@dataclass(frozen=True)
class PredictionErrors:
    """Errors of the least-squares line from scores to reports, on the scale of the reports."""

    mean_absolute: float
    root_mean_square: float
    baseline_root_mean_square: float


def measure_prediction_errors(scores: Floats, reports: Floats) -> PredictionErrors:
    """Return the errors; `without_scores` is the root mean square error of always predicting the mean."""
    left = regression_residuals(scores, reports)
    return PredictionErrors(
        float(np.mean(np.abs(left))), float(np.sqrt(np.mean(left**2))), float(reports.std(ddof=0))
    )


def regression_residuals(scores: Floats, reports: Floats) -> Floats:
    """Return each report minus its prediction by the least-squares line; shape (n,)."""
    spread = scores - scores.mean()
    size = float(spread @ spread)
    slope = float(spread @ reports) / size if size else 0.0
    left: Floats = reports - reports.mean() - slope * spread
    return left


def precision_at_k(ranked: Sequence[Key], relevant: frozenset[Key], *, k: int) -> float:
    """Return the share of relevant ones among the first k, or among all if there are fewer."""
    first = ranked[:k]
    return sum(key in relevant for key in first) / len(first) if first else 0.0


def ndcg_at_k(gains: Sequence[float], *, k: int) -> float:
    """Return NDCG@k of gains in ranked order; 1 if all gains are 0, because then no order is wrong."""
    from sklearn.metrics import ndcg_score  # imports for seconds; only the nightly worker evaluates

    if len(gains) == 1 or not any(gains):
        return 1.0
    return float(ndcg_score([gains], [range(len(gains), 0, -1)], k=k))
