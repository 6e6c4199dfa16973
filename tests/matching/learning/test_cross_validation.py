import numpy as np
import pytest
from scipy.stats import spearmanr

from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import ReportKind, TrainingExample, build_training_set


def test_folds_never_split_a_group_and_test_every_row_once() -> None:
    viewer = np.repeat(np.arange(23), 4)
    test_counts = np.zeros(len(viewer), dtype=int)

    for train, test in group_k_fold(viewer, count=5, seed=1):
        assert not set(viewer[train]) & set(viewer[test])
        assert not (train & test).any()
        test_counts += test

    assert set(test_counts) == {1}


def test_fewer_groups_than_folds_give_one_fold_per_group() -> None:
    assert len(list(group_k_fold(np.array([3, 3, 8]), count=5, seed=0))) == 2


def test_spearman_by_viewer_equals_scipy() -> None:
    rng = np.random.default_rng(0)
    reports = [
        TrainingExample(viewer, teller, "", ReportKind.LIKENESS, [], float(rng.integers(0, 6)))
        for viewer in range(12)
        for teller in range(7)
    ]
    training_set = build_training_set(reports, traits=["age"])
    scores = rng.integers(0, 5, size=len(training_set)).astype(float)

    correlations = spearman_by_viewer(scores, training_set)

    for viewer in range(12):
        rows = training_set.viewer_index == viewer
        assert correlations[viewer] == pytest.approx(
            spearmanr(scores[rows], training_set.values[rows]).statistic
        )


def test_equal_scores_correlate_by_0_and_equal_reports_give_nan() -> None:
    reports = [TrainingExample(1, teller, "", ReportKind.LIKENESS, [], teller) for teller in range(3)]
    reports += [TrainingExample(2, teller, "", ReportKind.LIKENESS, [], 5) for teller in range(3)]
    training_set = build_training_set(reports, traits=["age"])

    correlations = spearman_by_viewer(np.ones(len(training_set)), training_set)

    assert correlations[0] == 0
    assert np.isnan(correlations[1])
