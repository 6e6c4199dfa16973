"""The whole loop on a made-up world: what was planted is found, and nothing is found where nothing was."""

import pytest

from matching.evaluation.lists import exposure
from matching.evaluation.policies import compare
from matching.learning import POOLED, Trial, Verdict, gather, hold_trial
from matching.simulation import EXPLORATION, Plan, Season, World
from tests.matching.worlds import CATALOGUE

EVEN = {POOLED: {trait.key: 1.0 for trait in CATALOGUE}}
PLANTED = {"work": 4.0, "support": 2.0, "age": 1.0}


def tried(season: Season) -> Trial:
    trial = hold_trial(gather(season.told, traits=[trait.key for trait in CATALOGUE]), present=EVEN)
    assert trial is not None
    return trial


@pytest.fixture(scope="module")
def planted() -> World:
    return World(CATALOGUE, Plan(viewers=400, stories=50, weights=PLANTED, seed=1))


@pytest.fixture(scope="module")
def season(planted: World) -> Season:
    return planted.season()


def test_the_loop_finds_the_planted_weights_and_says_that_they_are_better(season: Season) -> None:
    trial = tried(season)

    assert trial.verdict == Verdict.BETTER
    learned = trial.weights[POOLED]
    assert learned["work"] == max(learned.values())
    assert min(learned["work"], learned["support"]) > max(
        learned[key] for key in ("sleep", "carer", "likes", "health", "faith")
    )


def test_learned_weights_show_people_those_who_are_truly_like_them_more(
    planted: World, season: Season
) -> None:
    after = planted.season(base=tried(season).weights[POOLED])

    assert after.true_lift > 1.15 * season.true_lift


def test_the_comparison_with_chance_covers_the_true_lift_and_asks_for_more_people(season: Season) -> None:
    comparison = compare(season.lists, share=EXPLORATION)

    assert comparison is not None
    for lift in (comparison.lift_ips, comparison.lift_snips):
        assert lift.low < season.true_lift < lift.high
    assert 0 < comparison.still_needed[0] < comparison.still_needed[1]


def test_where_nothing_was_planted_the_loop_stays_quiet() -> None:
    promoted, told_apart = 0, 0
    for seed in range(6):
        quiet = World(CATALOGUE, Plan(viewers=150, stories=30, seed=seed)).season()
        promoted += tried(quiet).verdict == Verdict.BETTER
        comparison = compare(quiet.lists, share=EXPLORATION)
        told_apart += comparison is not None and not (
            comparison.lift_snips.low < 0 < comparison.lift_snips.high
        )
        assert quiet.true_lift == 0

    assert promoted <= 1
    assert told_apart <= 1


def test_everybody_has_a_chance_of_being_shown(season: Season) -> None:
    assert exposure(season.shown, available=range(50)).coverage == 1


def test_the_same_plan_makes_the_same_world() -> None:
    plan = Plan(viewers=20, stories=20, weights=PLANTED, seed=4)

    assert World(CATALOGUE, plan).season() == World(CATALOGUE, plan).season()
