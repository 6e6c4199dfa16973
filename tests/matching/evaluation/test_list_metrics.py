import pytest

from matching.evaluation.list_metrics import intra_list_diversity, measure_exposure


def test_a_star_in_every_list_is_seen() -> None:
    found = measure_exposure([["star", number] for number in range(10)], available=["star", *range(10)])
    assert found.most_shown_share == 1
    assert found.top_percent_share == 0.5
    assert found.coverage == 1


def test_even_lists_are_even() -> None:
    found = measure_exposure([[0, 1], [2, 3]], available=range(4))
    assert found.gini == pytest.approx(0)
    assert found.most_shown_share == 0.5


def test_who_is_never_shown_counts_against_coverage_and_evenness() -> None:
    found = measure_exposure([["a"], ["a"]], available=["a", "b", "c", "d"])
    assert found.coverage == 0.25
    assert found.gini == pytest.approx(0.75)


def test_a_teller_twice_in_one_list_is_in_one_list() -> None:
    assert measure_exposure([["a", "a"], ["b"]], available=["a", "b"]).most_shown_share == 0.5


def test_no_lists_show_nobody() -> None:
    assert measure_exposure([], available=["a"]).coverage == 0


def test_diversity_is_the_mean_unlikeness_of_pairs() -> None:
    def alike(one: int, other: int) -> float:
        return 1 if one == other else 0

    assert intra_list_diversity([1, 1, 2], alike) == pytest.approx(2 / 3)
    assert intra_list_diversity([1], alike) == 0
