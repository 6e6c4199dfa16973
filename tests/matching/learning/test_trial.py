import numpy as np

from matching.learning.evidence import Kind
from matching.learning.trial import FEWEST_VIEWERS, Verdict, hold_trial, popularity
from matching.learning.weights import POOLED
from tests.matching.learning.test_weights import TRAITS, world

EVEN = {POOLED: dict.fromkeys(TRAITS, 1.0)}


def test_weights_that_foretell_better_are_found_better_on_viewers_left_out() -> None:
    trial = hold_trial(world({"": {"work": 2, "support": 1}}), present=EVEN)

    assert trial is not None
    assert trial.verdict == Verdict.BETTER
    assert trial.gain.low > 0
    assert trial.learned.value > trial.present.value
    assert trial.gain_by_kind[Kind.LIKENESS] == trial.gain


def test_where_the_present_weights_are_the_truth_nothing_is_found_better() -> None:
    verdicts = [
        trial.verdict
        for seed in range(10)
        if (trial := hold_trial(world({"": dict.fromkeys(TRAITS, 1.0)}, seed=seed), present=EVEN))
    ]

    assert verdicts == [Verdict.NOT_BETTER] * 10


def test_where_there_is_nothing_to_be_learned_nothing_is_found_better() -> None:
    trials = [hold_trial(world({"": {}}, viewers=40, seed=seed), present=EVEN) for seed in range(30)]

    # One in forty is what the interval allows, and folds that share viewers make it rather more: docs/matching.md.
    assert sum(trial is not None and trial.verdict == Verdict.BETTER for trial in trials) <= 3


def test_what_has_been_learned_already_is_not_found_better_than_itself() -> None:
    evidence = world({"": {"work": 2}})
    first = hold_trial(evidence, present=EVEN)
    assert first is not None

    again = hold_trial(evidence, present=first.weights)

    assert again is not None
    assert again.verdict == Verdict.NOT_BETTER


def test_few_viewers_prove_nothing_however_clear_it_looks() -> None:
    trial = hold_trial(world({"": {"work": 5}}, viewers=FEWEST_VIEWERS - 1, noise=0.01), present=EVEN)

    assert trial is not None
    assert trial.verdict == Verdict.TOO_FEW


def test_without_reports_there_is_no_trial() -> None:
    assert hold_trial(world({"": {}}, viewers=0), present=EVEN) is None


def test_popularity_counts_what_others_said_and_never_ones_own_word() -> None:
    evidence = world({"": {"work": 1}}, viewers=30)
    scores = popularity(evidence)
    changed = evidence.values.copy()
    row = 0
    changed[row] += 100

    other = popularity(type(evidence)(**{**vars(evidence), "values": changed}))

    assert not np.allclose(scores, other)
    same_sitting = evidence.sitting == evidence.sitting[row]
    assert np.allclose((other - scores)[same_sitting], 0)


def test_groups_that_belong_together_are_left_out_together() -> None:
    evidence = world({"": {"work": 2}})

    by_evening = hold_trial(evidence, present=EVEN, left_out_together=evidence.viewer % 4)

    assert by_evening is not None
    assert by_evening.verdict == Verdict.BETTER
