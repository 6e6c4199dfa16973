"""The whole loop on made-up worlds: is what was planted found, and is nothing found where nothing was planted?"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.traits import CATALOGUE
from matching.evaluation.policies import Comparison, compare
from matching.learning import POOLED, Trial, Verdict, gather, hold_trial
from matching.simulation import EXPLORATION, Plan, World

PLANTED = {"obstacles": 4.0, "work_pattern": 3.0, "energy": 2.0, "age": 1.0}
TRAITS = [trait.key for trait in CATALOGUE]
EVEN = {POOLED: dict.fromkeys(TRAITS, 1.0)}
STORIES = 80
SIZES = (250, 500, 1_000, 2_000, 4_000)


@dataclass(frozen=True)
class Loop:
    """One world gone round twice: shown under the prior, learned from, and shown under what was learned."""

    trial: Trial
    by_people: Mapping[int, Comparison]
    true_lift: float
    true_lift_after: float


def go_round(planted: Mapping[str, float], *, viewers: int = SIZES[-1], seed: int = 0) -> Loop:
    world = World(CATALOGUE, Plan(viewers=viewers, stories=STORIES, weights=planted, seed=seed))
    season = world.season()
    trial = hold_trial(gather(season.told, traits=TRAITS), present=EVEN)
    if trial is None:
        raise ValueError("a world without viewers")
    after = world.season(base=trial.weights[POOLED], number=1)
    compared = {
        people: found
        for people in SIZES
        if people <= viewers and (found := compare(season.lists[:people], share=EXPLORATION))
    }
    return Loop(trial, compared, season.true_lift, after.true_lift)


@dataclass(frozen=True)
class Tally:
    """In how many of some small worlds what was learned was found better, and the lift's interval held the truth."""

    worlds: int
    better: int
    held_snips: int
    held_ips: int


def tally(planted: Mapping[str, float], *, worlds: int, viewers: int) -> Tally:
    better, held_snips, held_ips = 0, 0, 0
    for seed in range(1_000, 1_000 + worlds):
        world = World(CATALOGUE, Plan(viewers=viewers, stories=40, weights=planted, seed=seed))
        season = world.season()
        trial = hold_trial(gather(season.told, traits=TRAITS), present=EVEN)
        better += trial is not None and trial.verdict == Verdict.BETTER
        found = compare(season.lists, share=EXPLORATION)
        if found:
            held_snips += found.lift_snips.low < season.true_lift < found.lift_snips.high
            held_ips += found.lift_ips.low < season.true_lift < found.lift_ips.high
    return Tally(worlds, better, held_snips, held_ips)
