import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.estimator_checks import parametrize_with_checks

from matching.neighbours import NeutralNeighbors


@parametrize_with_checks([NeutralNeighbors()])
def test_it_passes_check_estimator(estimator: NeutralNeighbors, check: object) -> None:
    """No check is expected to fail; the one on other array libraries skips itself without them."""
    assert callable(check)
    check(estimator)


def test_complete_samples_have_the_neighbours_of_manhattan_distance() -> None:
    rng = np.random.default_rng(1)
    samples = np.round(rng.random((300, 6)) * 4_000) / 4_000
    samples[0], samples[1] = 0, 1  # the whole range, so that both mean the same by distance
    nearest_neighbors = NearestNeighbors(n_neighbors=7, algorithm="brute", metric="manhattan").fit(samples)
    distances, _ = nearest_neighbors.kneighbors(samples[:40])
    neutral_distances = NeutralNeighbors(n_neighbors=7).fit(samples).kneighbors(samples[:40])[0]
    assert np.allclose(np.asarray(neutral_distances) * 6, distances, atol=1e-7)


def test_an_unknown_value_counts_as_the_mean() -> None:
    samples = [[0.0], [1.0], [np.nan]]
    distances, indices = NeutralNeighbors(n_neighbors=3).fit(samples).kneighbors([[0.0]])
    assert np.asarray(indices).tolist() == [[0, 2, 1]]
    assert distances == pytest.approx(np.array([[0, 0.5, 1]]), abs=1e-8)


def test_unknown_features_of_the_query_are_ignored() -> None:
    samples = [[0.0, 5.0], [1.0, 0.0]]
    distances = NeutralNeighbors(n_neighbors=1).fit(samples).kneighbors([[np.nan, 5.0]])[0]
    assert np.asarray(distances).tolist() == [[0.0]]


def test_weights_decide_which_feature_counts() -> None:
    samples = [[0.0, 1.0], [1.0, 0.0]]
    first = NeutralNeighbors(n_neighbors=1, feature_weights=[1, 0]).fit(samples)
    second = clone(first).set_params(feature_weights=[0, 1]).fit(samples)
    for fitted, nearest in ((first, 0), (second, 1)):
        indices = fitted.kneighbors([[0.0, 0.0]], return_distance=False)
        assert np.asarray(indices).tolist() == [[nearest]]
    with pytest.raises(ValueError, match="feature_weights"):
        NeutralNeighbors(feature_weights=[-1, 0]).fit(samples)


def test_without_queries_a_sample_is_not_its_own_neighbour() -> None:
    samples = [[0.0], [0.0], [0.9], [1.0]]
    indices = NeutralNeighbors(n_neighbors=1).fit(samples).kneighbors(return_distance=False)
    assert np.asarray(indices).ravel().tolist() == [1, 0, 3, 2]


@pytest.mark.parametrize("count", [0, -1, 5])
def test_an_n_neighbors_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="n_neighbors"):
        NeutralNeighbors().fit([[0.0], [1.0], [2.0], [3.0]]).kneighbors([[0.0]], n_neighbors=count)
