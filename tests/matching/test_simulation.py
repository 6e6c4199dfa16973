"""The whole loop on a made-up world: what was planted is found, and nothing is found where nothing was."""

import pytest

from matching.evaluation.list_metrics import measure_exposure
from matching.evaluation.off_policy import compare_with_random
from matching.learning import ALL_DOMAINS, TrialVerdict, WeightTrial, build_training_set, run_weight_trial
from matching.simulation import EXPLORATION_SHARE, SimulatedRound, SimulatedWorld, SimulationPlan
from tests.matching.random_people import CATALOGUE

EQUAL_WEIGHTS = {ALL_DOMAINS: {trait.key: 1.0 for trait in CATALOGUE}}
PLANTED_WEIGHTS = {"work": 4.0, "support": 2.0, "age": 1.0}


def run_trial(season: SimulatedRound) -> WeightTrial:
    trial = run_weight_trial(
        build_training_set(season.training_examples, traits=[trait.key for trait in CATALOGUE]),
        current_weights=EQUAL_WEIGHTS,
    )
    assert trial is not None
    return trial


@pytest.fixture(scope="module")
def planted() -> SimulatedWorld:
    return SimulatedWorld(
        CATALOGUE, SimulationPlan(viewers=400, stories=50, true_weights=PLANTED_WEIGHTS, seed=1)
    )


@pytest.fixture(scope="module")
def season(planted: SimulatedWorld) -> SimulatedRound:
    return planted.simulate_round()


def test_the_loop_finds_the_planted_weights_and_says_that_they_are_better(season: SimulatedRound) -> None:
    trial = run_trial(season)

    assert trial.verdict == TrialVerdict.BETTER
    learned = trial.weights[ALL_DOMAINS]
    assert learned["work"] == max(learned.values())
    assert min(learned["work"], learned["support"]) > max(
        learned[key] for key in ("sleep", "carer", "likes", "health", "faith")
    )


def test_learned_weights_show_people_those_who_are_truly_like_them_more(
    planted: SimulatedWorld, season: SimulatedRound
) -> None:
    after = planted.simulate_round(base_weights=run_trial(season).weights[ALL_DOMAINS])

    assert after.true_lift > 1.15 * season.true_lift


def test_the_comparison_with_chance_covers_the_true_lift_and_asks_for_more_people(
    season: SimulatedRound,
) -> None:
    comparison = compare_with_random(season.logged_slates, random_share=EXPLORATION_SHARE)

    assert comparison is not None
    for lift in (comparison.lift_ips, comparison.lift_snips):
        assert lift.low < season.true_lift < lift.high
    assert 0 < comparison.people_still_needed[0] < comparison.people_still_needed[1]


def test_where_nothing_was_planted_the_loop_stays_quiet() -> None:
    promoted, told_apart = 0, 0
    for seed in range(6):
        quiet = SimulatedWorld(CATALOGUE, SimulationPlan(viewers=150, stories=30, seed=seed)).simulate_round()
        promoted += run_trial(quiet).verdict == TrialVerdict.BETTER
        comparison = compare_with_random(quiet.logged_slates, random_share=EXPLORATION_SHARE)
        told_apart += comparison is not None and not (
            comparison.lift_snips.low < 0 < comparison.lift_snips.high
        )
        assert quiet.true_lift == 0

    assert promoted <= 1
    assert told_apart <= 1


def test_everybody_has_a_chance_of_being_shown(season: SimulatedRound) -> None:
    assert measure_exposure(season.shown_tellers, available=range(50)).coverage == 1


def test_the_same_plan_makes_the_same_world() -> None:
    plan = SimulationPlan(viewers=20, stories=20, true_weights=PLANTED_WEIGHTS, seed=4)

    assert (
        SimulatedWorld(CATALOGUE, plan).simulate_round() == SimulatedWorld(CATALOGUE, plan).simulate_round()
    )
