import numpy as np
import pytest

from matching.evaluation.off_policy import LoggedOutcome, compare_with_random


def simulated_log(
    people: int, *, lift: float, share: float = 0.1, seed: int = 0, level: float = 2.0
) -> list[LoggedOutcome]:
    rng = np.random.default_rng(seed)
    logged = []
    for person in range(people):
        by_chance = bool(rng.random() < share)
        outcome = level + rng.normal() + (0 if by_chance else lift)
        odds = share if by_chance else 1 - share
        logged.append(LoggedOutcome(person, outcome, odds, float(not by_chance), float(by_chance)))
    return logged


def test_a_large_lift_is_found_at_its_size_by_both_ways() -> None:
    found = compare_with_random(simulated_log(3_000, lift=0.5))

    assert found is not None
    for estimate in (found.lift_ips, found.lift_snips):
        assert estimate.low < 0.5 < estimate.high
    assert found.lift_snips.is_above_zero
    assert found.effect_size == pytest.approx(0.5, abs=0.15)


def test_no_lift_is_not_called_one() -> None:
    called = [
        found.lift_snips.is_above_zero or found.lift_snips.is_below_zero
        for seed in range(20)
        if (found := compare_with_random(simulated_log(400, lift=0, seed=seed)))
    ]
    assert sum(called) <= 3


def test_dividing_by_the_weights_is_the_less_noisy_way() -> None:
    found = compare_with_random(simulated_log(1_000, lift=0.3))

    assert found is not None
    snips, ips = found.lift_snips, found.lift_ips
    assert snips.high - snips.low < (ips.high - ips.low) / 1.5


def test_stories_shown_unevenly_are_weighed_back() -> None:
    """Random would show both stories alike; matching showed the better one nine times in ten."""
    better = [LoggedOutcome(f"ana{n}", 10.0, 0.95, 1.0, 0.5) for n in range(95)]
    worse = [LoggedOutcome(f"sam{n}", 0.0, 0.05, 0.0, 0.5) for n in range(5)]

    found = compare_with_random([*better, *worse])

    assert found is not None
    assert found.matched_mean.value == pytest.approx(10)
    assert found.random_mean.value == pytest.approx(5)
    assert found.lift_ips.value == pytest.approx(5)


def test_it_says_how_many_people_are_still_needed_until_enough_came() -> None:
    few, many = (
        compare_with_random(simulated_log(100, lift=0)),
        compare_with_random(simulated_log(6_000, lift=0)),
    )

    assert few is not None
    assert few.people_still_needed == (2_316, 4_350)
    assert many is not None
    assert many.people_still_needed == (0, 0)


def test_without_a_random_side_there_is_no_comparison() -> None:
    assert compare_with_random([LoggedOutcome("ana", 1.0, 0.9, 1.0, 0.0)] * 3) is None
    assert compare_with_random([]) is None


def test_what_was_shown_without_a_chance_is_a_broken_log() -> None:
    with pytest.raises(ValueError, match="a chance above 0"):
        compare_with_random([LoggedOutcome("ana", 1.0, 0.0, 1.0, 0.0)])
