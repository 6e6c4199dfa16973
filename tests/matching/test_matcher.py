import copy
import pickle
import subprocess
import sys

import pytest

import matching
from matching.matcher import Matcher
from matching.similarity import BadWeight
from matching.traits.catalogue import BadAnswer
from tests.matching.random_people import CATALOGUE, random_people


@pytest.fixture
def matcher() -> Matcher:
    return Matcher(CATALOGUE).fit([1, 2, 3], [{"age": 30}, {"age": 40}, {"work": "nights"}])


def test_matches_are_ordered_by_score_and_have_contributions(matcher: Matcher) -> None:
    first, *others = matcher.rank({"age": 31, "work": "nights"}, k=3)
    assert [first.key, *(match.key for match in others)] == [1, 3, 2]
    assert [part.trait for part in first.contributions] == ["age", "work"]
    assert sum(part.amount for part in first.contributions) == pytest.approx(first.score, abs=1e-8)
    assert [part.known for part in others[0].contributions] == [False, True]


def test_viewer_answers_may_be_json(matcher: Matcher) -> None:
    as_json = matcher.rank({"likes": ["music"], "age": 40, "work": None})
    assert as_json == matcher.rank({"likes": frozenset({"music"}), "age": 40})


def test_bad_answers_and_weights_are_refused(matcher: Matcher) -> None:
    with pytest.raises(BadAnswer):
        matcher.rank({"age": "old"})
    with pytest.raises(BadWeight):
        matcher.rank({"age": 30}, weights={"age": 5})


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1, -1e-300, 1e308, 1_000_001])
def test_base_weights_outside_their_bounds_are_refused(weight: float) -> None:
    matcher = Matcher(CATALOGUE, base_weights={"age": weight}).fit([1], [{"age": 30}])
    with pytest.raises(BadWeight, match="from 0 to 1,000,000"):
        matcher.rank({"age": 30})


def test_the_largest_and_smallest_base_weights_give_exact_scores() -> None:
    people, viewer = random_people(50, seed=7), random_people(1, seed=8, missing=0)[0]
    plain = Matcher(CATALOGUE).fit(range(50), people).rank(viewer, k=50)
    for weight in (1_000_000, 1e-300):
        weights = {trait.key: weight for trait in CATALOGUE}
        scaled = Matcher(CATALOGUE, base_weights=weights).fit(range(50), people).rank(viewer, k=50)
        assert [(match.key, match.score) for match in scaled] == [(match.key, match.score) for match in plain]
    mixed = {trait.key: 1_000_000 * (number % 2) for number, trait in enumerate(CATALOGUE)}
    most = {trait.key: 4.0 for trait in CATALOGUE}
    for match in (
        Matcher(CATALOGUE, base_weights=mixed).fit(range(50), people).rank(viewer, weights=most, k=50)
    ):
        assert 0 <= match.score <= 1


def test_base_weights_change_the_order() -> None:
    people = [{"work": "days", "carer": "no"}, {"work": "none", "carer": "yes"}]
    viewer = {"work": "days", "carer": "yes"}
    assert Matcher(CATALOGUE, base_weights={"work": 3}).fit([1, 2], people).rank(viewer)[0].key == 1
    assert Matcher(CATALOGUE, base_weights={"carer": 3}).fit([1, 2], people).rank(viewer)[0].key == 2


def test_the_index_can_change_without_a_new_fit(matcher: Matcher) -> None:
    matcher.engine_.add([4, 5], [{"age": 50}, {"age": 49}])
    matcher.engine_.replace(1, {"age": 90})
    matcher.engine_.remove(2)
    assert [match.key for match in matcher.rank({"age": 50}, k=2)] == [4, 5]
    assert len(matcher.engine_) == 4


def test_a_new_fit_replaces_the_index(matcher: Matcher) -> None:
    assert [match.key for match in matcher.fit([9], [{"age": 30}]).rank({"age": 30})] == [9]


def test_a_filter_limits_the_ranking(matcher: Matcher) -> None:
    assert [match.key for match in matcher.rank({"age": 30}, among=[2, 3, 77])] == [3, 2]


def test_the_catalogue_survives_copying_and_pickling() -> None:
    for twin in (copy.deepcopy(CATALOGUE), pickle.loads(pickle.dumps(CATALOGUE))):  # noqa: S301  # our own bytes
        assert list(twin) == list(CATALOGUE)


def test_the_public_surface_can_be_imported_from_the_package() -> None:
    for name in matching.__all__:
        assert getattr(matching, name).__module__.startswith("matching") or name == "Answers"
    with pytest.raises(AttributeError):
        matching.nothing_of_this_name  # noqa: B018  # the attempt is the test


def test_ranking_does_not_import_scikit_learn() -> None:
    program = (
        "import sys, matching\n"
        "matching.Matcher, matching.SlatePolicy, matching.explain_match\n"
        "print(any(name.startswith('sklearn') for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
