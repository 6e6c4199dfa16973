"""The whole loop on simulated worlds, with planted weights and without."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.evaluation.off_policy import PolicyComparison, compare_with_random
from matching.learning.training_set import build_training_set
from matching.learning.weight_trial import TrialVerdict, WeightTrial, run_weight_trial
from matching.learning.weights import ALL_DOMAINS
from tests.matching.simulated_world import EXPLORATION_SHARE, SimulatedWorld, SimulationPlan

PLANTED_WEIGHTS = {"obstacles": 4.0, "work_pattern": 3.0, "energy": 2.0, "age": 1.0}
TRAIT_KEYS = [trait.key for trait in TRAIT_CATALOGUE]
EQUAL_WEIGHTS = {ALL_DOMAINS: dict.fromkeys(TRAIT_KEYS, 1.0)}
STORY_COUNT = 80
SAMPLE_SIZES = (250, 500, 1_000, 2_000, 4_000)


@dataclass(frozen=True)
class FeedbackLoop:
    """Two rounds of one world: slates by the prior, and slates by the weights learned from them."""

    trial: WeightTrial
    by_people: Mapping[int, PolicyComparison]
    true_lift: float
    true_lift_after: float


def run_feedback_loop(
    planted: Mapping[str, float], *, viewers: int = SAMPLE_SIZES[-1], seed: int = 0
) -> FeedbackLoop:
    world = SimulatedWorld(
        TRAIT_CATALOGUE, SimulationPlan(viewers=viewers, stories=STORY_COUNT, true_weights=planted, seed=seed)
    )
    first_round = world.simulate_round()
    trial = run_weight_trial(
        build_training_set(first_round.training_examples, traits=TRAIT_KEYS), current_weights=EQUAL_WEIGHTS
    )
    if trial is None:
        raise ValueError("a world without viewers")
    second_round = world.simulate_round(base_weights=trial.weights[ALL_DOMAINS], round_number=1)
    by_people = {
        people: comparison
        for people in SAMPLE_SIZES
        if people <= viewers
        and (
            comparison := compare_with_random(
                first_round.logged_slates[:people], random_share=EXPLORATION_SHARE
            )
        )
    }
    return FeedbackLoop(trial, by_people, first_round.true_lift, second_round.true_lift)


@dataclass(frozen=True)
class CoverageTally:
    """In how many small worlds learned weights were called better, and the interval contained the true lift."""

    worlds: int
    better_count: int
    snips_covered_count: int
    ips_covered_count: int


def count_coverage(planted: Mapping[str, float], *, worlds: int, viewers: int) -> CoverageTally:
    better, snips_covered, ips_covered = 0, 0, 0
    for seed in range(1_000, 1_000 + worlds):
        world = SimulatedWorld(
            TRAIT_CATALOGUE, SimulationPlan(viewers=viewers, stories=40, true_weights=planted, seed=seed)
        )
        simulated_round = world.simulate_round()
        trial = run_weight_trial(
            build_training_set(simulated_round.training_examples, traits=TRAIT_KEYS),
            current_weights=EQUAL_WEIGHTS,
        )
        better += trial is not None and trial.verdict == TrialVerdict.BETTER
        comparison = compare_with_random(simulated_round.logged_slates, random_share=EXPLORATION_SHARE)
        if comparison:
            true_lift = simulated_round.true_lift
            snips_covered += comparison.lift_snips.low < true_lift < comparison.lift_snips.high
            ips_covered += comparison.lift_ips.low < true_lift < comparison.lift_ips.high
    return CoverageTally(worlds, better, snips_covered, ips_covered)
