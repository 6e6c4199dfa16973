"""Accuracy and precision of scores against reports."""

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
    """Return the errors; the baseline always predicts the mean."""
    residuals = regression_residuals(scores, reports)
    return PredictionErrors(
        float(np.mean(np.abs(residuals))), float(np.sqrt(np.mean(residuals**2))), float(reports.std(ddof=0))
    )


def regression_residuals(scores: Floats, reports: Floats) -> Floats:
    """Return each report minus its prediction by the least-squares line; shape (n,)."""
    centred = scores - scores.mean()
    sum_of_squares = float(centred @ centred)
    slope = float(centred @ reports) / sum_of_squares if sum_of_squares else 0.0
    residuals: Floats = reports - reports.mean() - slope * centred
    return residuals


def precision_at_k(ranked: Sequence[Key], relevant: frozenset[Key], *, k: int) -> float:
    """Return the share of relevant keys in the first k, or in all if there are fewer."""
    top = ranked[:k]
    return sum(key in relevant for key in top) / len(top) if top else 0.0


def ndcg_at_k(gains: Sequence[float], *, k: int) -> float:
    """Return NDCG@k of gains in ranked order; 1 if all gains are 0, because then every order is ideal."""
    from sklearn.metrics import ndcg_score  # takes seconds to import

    if len(gains) == 1 or not any(gains):
        return 1.0
    return float(ndcg_score([gains], [range(len(gains), 0, -1)], k=k))
