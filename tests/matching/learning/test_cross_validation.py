import numpy as np
import pytest
from scipy.stats import spearmanr

from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import ReportKind, TrainingExample, build_training_set


def test_a_viewer_is_never_on_both_sides_and_everybody_is_left_out_once() -> None:
    viewer = np.repeat(np.arange(23), 4)
    tested = np.zeros(len(viewer), dtype=int)

    for train, test in group_k_fold(viewer, count=5, seed=1):
        assert not set(viewer[train]) & set(viewer[test])
        assert not (train & test).any()
        tested += test

    assert set(tested) == {1}


def test_fewer_viewers_than_folds_are_left_out_one_by_one() -> None:
    assert len(list(group_k_fold(np.array([3, 3, 8]), count=5, seed=0))) == 2


def test_agreement_is_spearmans_within_each_viewer() -> None:
    rng = np.random.default_rng(0)
    reports = [
        TrainingExample(viewer, teller, "", ReportKind.LIKENESS, [], float(rng.integers(0, 6)))
        for viewer in range(12)
        for teller in range(7)
    ]
    evidence = build_training_set(reports, traits=["age"])
    scores = rng.integers(0, 5, size=len(evidence)).astype(float)

    found = spearman_by_viewer(scores, evidence)

    for viewer in range(12):
        rows = evidence.viewer_index == viewer
        assert found[viewer] == pytest.approx(spearmanr(scores[rows], evidence.values[rows]).statistic)


def test_scores_that_tell_nobody_apart_agree_by_nothing_and_equal_reports_say_nothing() -> None:
    reports = [TrainingExample(1, teller, "", ReportKind.LIKENESS, [], teller) for teller in range(3)]
    reports += [TrainingExample(2, teller, "", ReportKind.LIKENESS, [], 5) for teller in range(3)]
    evidence = build_training_set(reports, traits=["age"])

    found = spearman_by_viewer(np.ones(len(evidence)), evidence)

    assert found[0] == 0
    assert np.isnan(found[1])
