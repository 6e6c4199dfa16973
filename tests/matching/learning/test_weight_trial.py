import numpy as np

from matching.learning.training_set import ReportKind
from matching.learning.weight_trial import MIN_VIEWERS, TrialVerdict, popularity_scores, run_weight_trial
from matching.learning.weights import ALL_DOMAINS
from tests.matching.learning.test_weights import TRAITS, simulated_training_set

EQUAL_WEIGHTS = {ALL_DOMAINS: dict.fromkeys(TRAITS, 1.0)}


def test_learned_weights_that_predict_better_get_the_verdict_better() -> None:
    trial = run_weight_trial(
        simulated_training_set({"": {"work": 2, "support": 1}}), current_weights=EQUAL_WEIGHTS
    )

    assert trial is not None
    assert trial.verdict == TrialVerdict.BETTER
    assert trial.gain.low > 0
    assert trial.learned.value > trial.present.value
    assert trial.gain_by_kind[ReportKind.LIKENESS] == trial.gain


def test_true_current_weights_are_never_replaced() -> None:
    verdicts = [
        trial.verdict
        for seed in range(10)
        if (
            trial := run_weight_trial(
                simulated_training_set({"": dict.fromkeys(TRAITS, 1.0)}, seed=seed),
                current_weights=EQUAL_WEIGHTS,
            )
        )
    ]

    assert verdicts == [TrialVerdict.NOT_BETTER] * 10


def test_pure_noise_is_rarely_called_better() -> None:
    trials = [
        run_weight_trial(
            simulated_training_set({"": {}}, viewers=40, seed=seed), current_weights=EQUAL_WEIGHTS
        )
        for seed in range(30)
    ]

    # One in forty is what the interval allows, and folds that share viewers make it rather more: docs/matching.md.
    assert sum(trial is not None and trial.verdict == TrialVerdict.BETTER for trial in trials) <= 3


def test_weights_learned_twice_from_the_same_reports_are_not_better() -> None:
    training_set = simulated_training_set({"": {"work": 2}})
    first = run_weight_trial(training_set, current_weights=EQUAL_WEIGHTS)
    assert first is not None

    second = run_weight_trial(training_set, current_weights=first.weights)

    assert second is not None
    assert second.verdict == TrialVerdict.NOT_BETTER


def test_too_few_viewers_are_never_better_whatever_the_effect() -> None:
    trial = run_weight_trial(
        simulated_training_set({"": {"work": 5}}, viewers=MIN_VIEWERS - 1, noise=0.01),
        current_weights=EQUAL_WEIGHTS,
    )

    assert trial is not None
    assert trial.verdict == TrialVerdict.TOO_FEW


def test_without_reports_there_is_no_trial() -> None:
    assert (
        run_weight_trial(simulated_training_set({"": {}}, viewers=0), current_weights=EQUAL_WEIGHTS) is None
    )


def test_popularity_leaves_out_the_viewers_own_report() -> None:
    training_set = simulated_training_set({"": {"work": 1}}, viewers=30)
    scores = popularity_scores(training_set)
    changed_values = training_set.values.copy()
    row = 0
    changed_values[row] += 100

    changed_scores = popularity_scores(type(training_set)(**{**vars(training_set), "values": changed_values}))

    assert not np.allclose(scores, changed_scores)
    same_group = training_set.comparison_group == training_set.comparison_group[row]
    assert np.allclose((changed_scores - scores)[same_group], 0)


def test_fold_groups_replace_viewers_as_groups() -> None:
    training_set = simulated_training_set({"": {"work": 2}})

    trial = run_weight_trial(
        training_set, current_weights=EQUAL_WEIGHTS, fold_groups=training_set.viewer_index % 4
    )

    assert trial is not None
    assert trial.verdict == TrialVerdict.BETTER
