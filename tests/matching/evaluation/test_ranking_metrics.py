import numpy as np
import pytest
from sklearn.metrics import mean_squared_error

from matching.evaluation.ranking_metrics import (
    measure_prediction_errors,
    ndcg_at_k,
    precision_at_k,
    regression_residuals,
)


def test_scores_linear_in_the_reports_have_no_error() -> None:
    errors = measure_prediction_errors(np.array([0.1, 0.2, 0.4]), np.array([2.0, 3.0, 5.0]))
    assert errors.mean_absolute == pytest.approx(0)
    assert errors.baseline_root_mean_square == pytest.approx(np.std([2, 3, 5]))


def test_errors_equal_those_of_the_least_squares_line() -> None:
    rng = np.random.default_rng(0)
    scores, reports = rng.random(50), rng.random(50) * 10
    slope, level = np.polyfit(scores, reports, 1)
    expected = mean_squared_error(reports, slope * scores + level) ** 0.5
    assert measure_prediction_errors(scores, reports).root_mean_square == pytest.approx(expected)


def test_equal_scores_predict_the_mean() -> None:
    assert regression_residuals(np.ones(3), np.array([1.0, 2.0, 3.0])).tolist() == [-1, 0, 1]


def test_precision_is_the_share_of_relevant_keys_in_the_top_k() -> None:
    assert precision_at_k(["a", "b", "c", "d"], frozenset({"a", "d"}), k=2) == 0.5
    assert precision_at_k(["a"], frozenset({"a"}), k=3) == 1
    assert precision_at_k([], frozenset({"a"}), k=3) == 0


def test_ndcg_is_the_discounted_gain_relative_to_the_ideal_order() -> None:
    def discounted(gains: list[int], k: int) -> float:
        return sum(gain / float(np.log2(rank + 1)) for rank, gain in enumerate(gains[:k], start=1))

    rng = np.random.default_rng(1)
    for _ in range(50):
        gains = [*rng.integers(0, 11, size=int(rng.integers(1, 9))).tolist(), 1]
        ideal = discounted(sorted(gains, reverse=True), 3)
        assert ndcg_at_k(gains, k=3) == pytest.approx(discounted(gains, 3) / ideal)


@pytest.mark.parametrize("gains", [[0, 0], [5], [0]])
def test_ndcg_is_1_if_every_order_is_ideal(gains: list[float]) -> None:
    assert ndcg_at_k(gains, k=2) == 1
