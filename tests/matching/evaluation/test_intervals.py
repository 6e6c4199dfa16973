import numpy as np
import pytest

from matching.evaluation.intervals import bootstrap_estimate, estimate_mean, required_sample_size


def test_95_percent_of_intervals_contain_the_true_mean() -> None:
    rng = np.random.default_rng(0)
    contains_mean = [
        estimate.low < 3 < estimate.high
        for _ in range(400)
        if (estimate := estimate_mean(rng.normal(3, 2, size=12)))
    ]
    assert 0.92 < np.mean(contains_mean) < 0.98


def test_a_single_value_has_an_infinite_interval() -> None:
    assert not estimate_mean([5.0]).is_above_zero
    assert not estimate_mean([-5.0]).is_below_zero
    assert estimate_mean([]).count == 0


def test_nan_is_left_out() -> None:
    assert estimate_mean([1.0, float("nan"), 3.0]).count == 2


def test_the_bootstrap_resamples_whole_clusters() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=20), 50)
    people = np.repeat(np.arange(20), 50)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    by_person = bootstrap_estimate(mean, clusters=people.tolist(), seed=0, draws=400)
    by_row = bootstrap_estimate(mean, clusters=range(1000), seed=0, draws=400)

    assert by_person.high - by_person.low > 4 * (by_row.high - by_row.low)
    assert by_person.count == 20


def test_required_sample_sizes_of_published_effects() -> None:
    assert required_sample_size(0.19) == pytest.approx(2 * 435, abs=5)
    assert required_sample_size(0.14) == pytest.approx(2 * 801, abs=5)
    assert required_sample_size(0.19, smaller_arm_share=0.1) > 2.5 * required_sample_size(0.19)


@pytest.mark.parametrize(("effect", "share"), [(0, 0.5), (0.2, 0), (0.2, 1)])
def test_sample_size_arguments_out_of_range_are_refused(effect: float, share: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        required_sample_size(effect, smaller_arm_share=share)
