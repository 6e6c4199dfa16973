import copy
import pickle
import subprocess
import sys
from uuid import UUID

import pytest
from sklearn.base import clone

import matching
from matching.engines.contract import KeyMissing
from matching.engines.reference import SklearnEngine
from matching.matcher import Matcher, NotFitted, UnknownParameter
from matching.similarity import BadWeight
from matching.traits.catalogue import BadAnswer
from tests.matching.random_people import CATALOGUE, random_people


@pytest.fixture
def matcher() -> Matcher:
    return Matcher(CATALOGUE).fit([1, 2, 3], [{"age": 30}, {"age": 40}, {"work": "nights"}])


def test_the_nearest_come_first_with_what_their_score_is_made_of(matcher: Matcher) -> None:
    first, *others = matcher.rank({"age": 31, "work": "nights"}, k=3)
    assert [first.key, *(match.key for match in others)] == [1, 3, 2]
    assert [part.trait for part in first.contributions] == ["age", "work"]
    assert sum(part.amount for part in first.contributions) == pytest.approx(first.score, abs=1e-8)
    assert [part.known for part in others[0].contributions] == [False, True]


def test_what_the_viewer_shared_may_come_as_json(matcher: Matcher) -> None:
    as_json = matcher.rank({"likes": ["music"], "age": 40, "work": None})
    assert as_json == matcher.rank({"likes": frozenset({"music"}), "age": 40})


def test_bad_answers_and_weights_are_refused(matcher: Matcher) -> None:
    with pytest.raises(BadAnswer):
        matcher.rank({"age": "old"})
    with pytest.raises(BadWeight):
        matcher.rank({"age": 30}, weights={"age": 5})


def test_base_weights_shift_what_counts() -> None:
    people = [{"work": "days", "carer": "no"}, {"work": "none", "carer": "yes"}]
    viewer = {"work": "days", "carer": "yes"}
    assert Matcher(CATALOGUE, base_weights={"work": 3}).fit([1, 2], people).rank(viewer)[0].key == 1
    assert Matcher(CATALOGUE, base_weights={"carer": 3}).fit([1, 2], people).rank(viewer)[0].key == 2


def test_tellers_come_change_and_go_without_a_new_fit(matcher: Matcher) -> None:
    matcher.add(4, {"age": 50})
    matcher.replace(1, {"age": 90})
    matcher.remove(2)
    matcher.partial_fit([5, 6], [{"age": 49}, {"age": 10 + 20}])
    assert [match.key for match in matcher.rank({"age": 50}, k=2)] == [4, 5]
    assert len(matcher) == 5
    assert 2 not in matcher
    with pytest.raises(KeyMissing):
        matcher.remove(2)


def test_a_new_fit_forgets_the_old(matcher: Matcher) -> None:
    assert [match.key for match in matcher.fit([9], [{"age": 30}]).rank({"age": 30})] == [9]


def test_a_first_partial_fit_is_a_fit() -> None:
    assert len(Matcher(CATALOGUE).partial_fit([1], [{"age": 30}])) == 1


def test_nothing_can_be_asked_before_the_first_fit() -> None:
    with pytest.raises(NotFitted):
        Matcher(CATALOGUE).rank({"age": 30})
    with pytest.raises(NotFitted):
        Matcher(CATALOGUE).add(1, {})


def test_keys_and_selections_limit_who_is_ranked(matcher: Matcher) -> None:
    assert [match.key for match in matcher.rank({"age": 30}, among=[2, 3, 77])] == [3, 2]
    assert [match.key for match in matcher.rank({"age": 30}, among=matcher.select([2]))] == [2]


def test_it_can_be_cloned_and_configured_as_scikit_learn_does(matcher: Matcher) -> None:
    matcher.set_params(base_weights={"age": 2.0})
    twin = clone(matcher)
    assert not hasattr(twin, "engine_")
    assert twin.get_params()["base_weights"] == {"age": 2.0}
    assert twin.get_params()["engine"] == "scan"
    with pytest.raises(UnknownParameter):
        matcher.set_params(colour="blue")
    with pytest.raises(UnknownParameter):
        Matcher(CATALOGUE, engine="guess").fit([], [])


def test_the_catalogue_survives_copying_and_pickling() -> None:
    for twin in (copy.deepcopy(CATALOGUE), pickle.loads(pickle.dumps(CATALOGUE))):  # noqa: S301  # our own bytes
        assert list(twin) == list(CATALOGUE)


def test_both_engines_stand_behind_the_same_estimator() -> None:
    people = random_people(200, seed=1)
    keys = [UUID(int=number * 7919 % 200 << 64) for number in range(200)]
    scan, oracle = (Matcher(CATALOGUE, engine=engine).fit(keys, people) for engine in ("scan", "sklearn"))
    assert isinstance(oracle.engine_, SklearnEngine)
    for viewer in random_people(20, seed=2, missing=0.3):
        assert [match.key for match in scan.rank(viewer)] == [match.key for match in oracle.rank(viewer)]


def test_the_public_surface_can_be_imported_from_the_package() -> None:
    for name in matching.__all__:
        assert getattr(matching, name).__module__.startswith("matching") or name == "Answers"
    with pytest.raises(AttributeError):
        matching.nothing_of_this_name  # noqa: B018  # the attempt is the test


def test_ranking_in_a_web_server_does_not_load_scikit_learn() -> None:
    program = (
        "import sys, matching\n"
        "matching.Matcher, matching.SlatePolicy, matching.explain_match\n"
        "print(any(name.startswith('sklearn') for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
