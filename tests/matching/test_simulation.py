"""The whole loop on a simulated world: planted weights are recovered, and nothing is found where nothing is planted."""

import pytest

from matching.evaluation.list_metrics import measure_exposure
from matching.evaluation.off_policy import compare_with_random
from matching.learning.training_set import build_training_set
from matching.learning.weight_trial import TrialVerdict, WeightTrial, run_weight_trial
from matching.learning.weights import ALL_DOMAINS
from tests.matching.random_people import CATALOGUE
from tests.matching.simulated_world import EXPLORATION_SHARE, SimulatedRound, SimulatedWorld, SimulationPlan

EQUAL_WEIGHTS = {ALL_DOMAINS: {trait.key: 1.0 for trait in CATALOGUE}}
PLANTED_WEIGHTS = {"work": 4.0, "support": 2.0, "age": 1.0}


def run_trial(simulated_round: SimulatedRound) -> WeightTrial:
    trial = run_weight_trial(
        build_training_set(simulated_round.training_examples, traits=[trait.key for trait in CATALOGUE]),
        current_weights=EQUAL_WEIGHTS,
    )
    assert trial is not None
    return trial


@pytest.fixture(scope="module")
def planted_world() -> SimulatedWorld:
    return SimulatedWorld(
        CATALOGUE, SimulationPlan(viewers=400, stories=50, true_weights=PLANTED_WEIGHTS, seed=1)
    )


@pytest.fixture(scope="module")
def simulated_round(planted_world: SimulatedWorld) -> SimulatedRound:
    return planted_world.simulate_round()


def test_the_loop_recovers_planted_weights_and_calls_them_better(simulated_round: SimulatedRound) -> None:
    trial = run_trial(simulated_round)

    assert trial.verdict == TrialVerdict.BETTER
    weights = trial.weights[ALL_DOMAINS]
    assert weights["work"] == max(weights.values())
    assert min(weights["work"], weights["support"]) > max(
        weights[key] for key in ("sleep", "carer", "likes", "health", "faith")
    )


def test_learned_weights_raise_the_true_lift(
    planted_world: SimulatedWorld, simulated_round: SimulatedRound
) -> None:
    second_round = planted_world.simulate_round(base_weights=run_trial(simulated_round).weights[ALL_DOMAINS])

    assert second_round.true_lift > 1.15 * simulated_round.true_lift


def test_the_comparison_with_random_contains_the_true_lift(
    simulated_round: SimulatedRound,
) -> None:
    comparison = compare_with_random(simulated_round.logged_slates, random_share=EXPLORATION_SHARE)

    assert comparison is not None
    for lift in (comparison.lift_ips, comparison.lift_snips):
        assert lift.low < simulated_round.true_lift < lift.high
    assert 0 < comparison.people_still_needed[0] < comparison.people_still_needed[1]


def test_without_planted_weights_the_loop_finds_nothing() -> None:
    promoted, excludes_0 = 0, 0
    for seed in range(6):
        null_round = SimulatedWorld(
            CATALOGUE, SimulationPlan(viewers=150, stories=30, seed=seed)
        ).simulate_round()
        promoted += run_trial(null_round).verdict == TrialVerdict.BETTER
        comparison = compare_with_random(null_round.logged_slates, random_share=EXPLORATION_SHARE)
        excludes_0 += comparison is not None and not (
            comparison.lift_snips.low < 0 < comparison.lift_snips.high
        )
        assert null_round.true_lift == 0

    assert promoted <= 2  # folds share viewers, so intervals are somewhat too narrow (docs/matching.md)
    assert excludes_0 <= 1


def test_every_teller_is_shown(simulated_round: SimulatedRound) -> None:
    assert measure_exposure(simulated_round.shown_tellers, available=range(50)).coverage == 1


def test_the_same_plan_gives_the_same_round() -> None:
    plan = SimulationPlan(viewers=20, stories=20, true_weights=PLANTED_WEIGHTS, seed=4)

    assert (
        SimulatedWorld(CATALOGUE, plan).simulate_round() == SimulatedWorld(CATALOGUE, plan).simulate_round()
    )
