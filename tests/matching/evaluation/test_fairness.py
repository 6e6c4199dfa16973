import numpy as np
import pytest

from matching.evaluation.fairness import masks_of_large_groups, measure_neighbour_gap, measure_unfairness


def test_promising_one_group_too_much_and_the_other_too_little_is_unfair_in_value_alone() -> None:
    left = np.array([1.0] * 5 + [-1.0] * 5)
    first = np.arange(10) < 5

    found = measure_unfairness(left, first, ~first)

    assert found.value == 2
    assert found.absolute == 0
    assert found.under == found.over == 1


def test_serving_one_group_less_exactly_is_unfair_in_size() -> None:
    left = np.array([2.0, -2.0, 0.5, -0.5])
    first = np.array([True, True, False, False])

    found = measure_unfairness(left, first, ~first)

    assert found.value == 0
    assert found.absolute == pytest.approx(1.5)


def test_small_groups_and_people_who_did_not_say_are_not_spoken_of() -> None:
    groups = ["a"] * 25 + ["b"] * 3 + [None] * 40
    assert list(masks_of_large_groups(groups)) == ["a"]


def test_a_planted_gap_is_found_and_none_where_there_is_none() -> None:
    rng = np.random.default_rng(0)
    groups = ["a", "b"] * 100
    even = rng.normal(0.6, 0.1, size=200)
    uneven = even + np.where(np.array(groups) == "a", 0.1, 0)

    found, none = measure_neighbour_gap(uneven, groups), measure_neighbour_gap(even, groups)

    assert found is not None
    assert none is not None
    assert found.largest_difference.low > 0.05
    assert none.largest_difference.low < 0.02


def test_one_group_alone_has_no_gap() -> None:
    assert measure_neighbour_gap(np.ones(30), ["a"] * 30) is None
