import numpy as np
import pytest

from matching.evaluation.intervals import mean_of, people_needed, resampled


def test_nineteen_intervals_in_twenty_hold_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = [
        estimate.low < 3 < estimate.high
        for _ in range(400)
        if (estimate := mean_of(rng.normal(3, 2, size=12)))
    ]
    assert 0.92 < np.mean(held) < 0.98


def test_one_value_leaves_everything_open() -> None:
    assert not mean_of([5.0]).above_zero
    assert not mean_of([-5.0]).below_zero
    assert mean_of([]).count == 0


def test_what_is_not_a_number_is_left_out() -> None:
    assert mean_of([1.0, float("nan"), 3.0]).count == 2


def test_people_are_drawn_whole_so_that_saying_it_often_proves_nothing() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=20), 50)
    people = np.repeat(np.arange(20), 50)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    by_person = resampled(mean, clusters=people.tolist(), seed=0, draws=400)
    by_row = resampled(mean, clusters=range(1000), seed=0, draws=400)

    assert by_person.high - by_person.low > 4 * (by_row.high - by_row.low)
    assert by_person.count == 20


def test_published_effects_need_as_many_people_as_the_textbook_says() -> None:
    assert people_needed(0.19) == pytest.approx(2 * 435, abs=5)
    assert people_needed(0.14) == pytest.approx(2 * 801, abs=5)
    assert people_needed(0.19, share=0.1) > 2.5 * people_needed(0.19)


@pytest.mark.parametrize(("effect", "share"), [(0, 0.5), (0.2, 0), (0.2, 1)])
def test_no_number_of_people_shows_nothing(effect: float, share: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        people_needed(effect, share=share)
