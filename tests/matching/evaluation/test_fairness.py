import numpy as np
import pytest

from matching.evaluation.fairness import masks_of_large_groups, measure_neighbour_gap, measure_unfairness


def test_errors_of_opposite_sign_differ_in_value_but_not_in_absolute_error() -> None:
    residuals = np.array([1.0] * 5 + [-1.0] * 5)
    first = np.arange(10) < 5

    unfairness = measure_unfairness(residuals, first, ~first)

    assert unfairness.value == 2
    assert unfairness.absolute == 0
    assert unfairness.under == unfairness.over == 1


def test_larger_errors_for_one_group_differ_in_absolute_error() -> None:
    residuals = np.array([2.0, -2.0, 0.5, -0.5])
    first = np.array([True, True, False, False])

    unfairness = measure_unfairness(residuals, first, ~first)

    assert unfairness.value == 0
    assert unfairness.absolute == pytest.approx(1.5)


def test_small_groups_and_people_without_a_group_are_left_out() -> None:
    groups = ["a"] * 25 + ["b"] * 3 + [None] * 40
    assert list(masks_of_large_groups(groups)) == ["a"]


def test_a_planted_gap_is_found_and_none_without_a_gap() -> None:
    rng = np.random.default_rng(0)
    groups = ["a", "b"] * 100
    even = rng.normal(0.6, 0.1, size=200)
    uneven = even + np.where(np.array(groups) == "a", 0.1, 0)

    planted_gap, no_gap = measure_neighbour_gap(uneven, groups), measure_neighbour_gap(even, groups)

    assert planted_gap is not None
    assert no_gap is not None
    assert planted_gap.largest_difference.low > 0.05
    assert no_gap.largest_difference.low < 0.02


def test_a_single_group_has_no_gap() -> None:
    assert measure_neighbour_gap(np.ones(30), ["a"] * 30) is None
