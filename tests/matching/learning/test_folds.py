import numpy as np
import pytest
from scipy.stats import spearmanr

from matching.learning.evidence import Kind, Told, gather
from matching.learning.folds import folded, rank_agreement


def test_a_viewer_is_never_on_both_sides_and_everybody_is_left_out_once() -> None:
    viewer = np.repeat(np.arange(23), 4)
    tested = np.zeros(len(viewer), dtype=int)

    for train, test in folded(viewer, count=5, seed=1):
        assert not set(viewer[train]) & set(viewer[test])
        assert not (train & test).any()
        tested += test

    assert set(tested) == {1}


def test_fewer_viewers_than_folds_are_left_out_one_by_one() -> None:
    assert len(list(folded(np.array([3, 3, 8]), count=5, seed=0))) == 2


def test_agreement_is_spearmans_within_each_viewer() -> None:
    rng = np.random.default_rng(0)
    reports = [
        Told(viewer, teller, "", Kind.LIKENESS, [], float(rng.integers(0, 6)))
        for viewer in range(12)
        for teller in range(7)
    ]
    evidence = gather(reports, traits=["age"])
    scores = rng.integers(0, 5, size=len(evidence)).astype(float)

    found = rank_agreement(scores, evidence)

    for viewer in range(12):
        rows = evidence.viewer == viewer
        assert found[viewer] == pytest.approx(spearmanr(scores[rows], evidence.values[rows]).statistic)


def test_scores_that_tell_nobody_apart_agree_by_nothing_and_equal_reports_say_nothing() -> None:
    reports = [Told(1, teller, "", Kind.LIKENESS, [], teller) for teller in range(3)]
    reports += [Told(2, teller, "", Kind.LIKENESS, [], 5) for teller in range(3)]
    evidence = gather(reports, traits=["age"])

    found = rank_agreement(np.ones(len(evidence)), evidence)

    assert found[0] == 0
    assert np.isnan(found[1])
