import pytest

from matching.evaluation.list_metrics import intra_list_diversity, measure_exposure


def test_an_item_in_every_list_has_a_most_shown_share_of_1() -> None:
    exposure = measure_exposure([["star", number] for number in range(10)], available=["star", *range(10)])
    assert exposure.most_shown_share == 1
    assert exposure.top_percent_share == 0.5
    assert exposure.coverage == 1


def test_equal_exposure_has_a_gini_of_0() -> None:
    exposure = measure_exposure([[0, 1], [2, 3]], available=range(4))
    assert exposure.gini == pytest.approx(0)
    assert exposure.most_shown_share == 0.5


def test_items_never_shown_lower_coverage_and_raise_gini() -> None:
    exposure = measure_exposure([["a"], ["a"]], available=["a", "b", "c", "d"])
    assert exposure.coverage == 0.25
    assert exposure.gini == pytest.approx(0.75)


def test_repeats_within_one_list_count_once() -> None:
    assert measure_exposure([["a", "a"], ["b"]], available=["a", "b"]).most_shown_share == 0.5


def test_without_lists_coverage_is_0() -> None:
    assert measure_exposure([], available=["a"]).coverage == 0


def test_diversity_is_the_mean_dissimilarity_of_pairs() -> None:
    def alike(first: int, second: int) -> float:
        return 1 if first == second else 0

    assert intra_list_diversity([1, 1, 2], alike) == pytest.approx(2 / 3)
    assert intra_list_diversity([1], alike) == 0
