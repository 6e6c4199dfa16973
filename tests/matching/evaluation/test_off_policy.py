import numpy as np
import pytest

from matching.evaluation.off_policy import LoggedOutcome, compare_with_random


def simulated_log(
    people: int, *, lift: float, share: float = 0.1, seed: int = 0, level: float = 2.0
) -> list[LoggedOutcome]:
    rng = np.random.default_rng(seed)
    logged = []
    for person in range(people):
        is_random = bool(rng.random() < share)
        outcome = level + rng.normal() + (0 if is_random else lift)
        propensity = share if is_random else 1 - share
        logged.append(LoggedOutcome(person, outcome, propensity, float(not is_random), float(is_random)))
    return logged


def test_ips_and_snips_intervals_contain_a_large_lift() -> None:
    comparison = compare_with_random(simulated_log(3_000, lift=0.5))

    assert comparison is not None
    for estimate in (comparison.lift_ips, comparison.lift_snips):
        assert estimate.low < 0.5 < estimate.high
    assert comparison.lift_snips.is_above_zero
    assert comparison.effect_size == pytest.approx(0.5, abs=0.15)


def test_intervals_without_a_lift_rarely_exclude_0() -> None:
    excludes_0 = [
        comparison.lift_snips.is_above_zero or comparison.lift_snips.is_below_zero
        for seed in range(20)
        if (comparison := compare_with_random(simulated_log(400, lift=0, seed=seed)))
    ]
    assert sum(excludes_0) <= 3


def test_snips_has_a_narrower_interval_than_ips() -> None:
    comparison = compare_with_random(simulated_log(1_000, lift=0.3))

    assert comparison is not None
    snips, ips = comparison.lift_snips, comparison.lift_ips
    assert snips.high - snips.low < (ips.high - ips.low) / 1.5


def test_uneven_propensities_are_corrected() -> None:
    better = [LoggedOutcome(f"ana{n}", 10.0, 0.95, 1.0, 0.5) for n in range(95)]
    worse = [LoggedOutcome(f"sam{n}", 0.0, 0.05, 0.0, 0.5) for n in range(5)]

    comparison = compare_with_random([*better, *worse])

    assert comparison is not None
    assert comparison.matched_mean.value == pytest.approx(10)
    assert comparison.random_mean.value == pytest.approx(5)
    assert comparison.lift_ips.value == pytest.approx(5)


def test_people_still_needed_falls_to_0() -> None:
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


def test_a_propensity_of_0_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        compare_with_random([LoggedOutcome("ana", 1.0, 0.0, 1.0, 0.0)])
