"""One suite for every engine: against the plain formula, the oracle and planted cases."""

from collections import Counter
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine_contract import Engine, Key, KeyMissing, KeyTaken, MixedKeys, Ranking, to_grid
from matching.similarity import (
    WeightedQuery,
    build_weighted_query,
    compute_contributions,
    expected_similarity,
)
from matching.traits import Answer, InvalidAnswer
from tests.matching.conftest import Build
from tests.matching.random_people import CATALOGUE, random_answers, random_people, random_viewer_weights

Person = dict[str, Answer]
TOLERANCE = 2e-7


def engine_with(build: Build, people: dict[Key, Person]) -> Engine:
    engine = build(CATALOGUE, keys=type(next(iter(people), 0)))
    engine.add(list(people), list(people.values()))
    return engine


def query(viewer: Person, viewer_weights: dict[str, float] | None = None) -> WeightedQuery:
    return build_weighted_query(viewer, catalogue=CATALOGUE, viewer_weights=viewer_weights)


def rank_by_formula(
    people: dict[Key, Person], viewer_query: WeightedQuery, *, k: int, among: set[Key] | None = None
) -> list[tuple[Key, float]]:
    expected = {}
    for key in viewer_query.weights:
        counts = Counter(person[key] for person in people.values() if key in person)
        expected[key] = expected_similarity(CATALOGUE[key], viewer_query.answers[key], counts)
    scores = {
        key: sum(
            part.amount
            for part in compute_contributions(
                viewer_query, person, catalogue=CATALOGUE, expected_by_trait=expected
            )
        )
        for key, person in people.items()
        if among is None or key in among
    }
    return sorted(scores.items(), key=lambda item: (-int(to_grid(np.array(item[1]))), item[0]))[:k]


def assert_same(ranking: Ranking, expected: list[tuple[Key, float]]) -> None:
    assert list(ranking.keys) == [key for key, _ in expected]
    assert ranking.scores.tolist() == pytest.approx([score for _, score in expected], abs=TOLERANCE)


# Planted cases


def test_identical_answers_rank_first_with_a_score_of_1(build: Build) -> None:
    viewer: Person = {"age": 40, "work": "nights", "likes": frozenset({"music"})}
    engine = engine_with(build, {1: {**viewer, "age": 41}, 2: dict(viewer), 3: {**viewer, "work": "days"}})
    ranking = engine.search(query(viewer), k=3)
    assert ranking.keys == (2, 1, 3)
    assert ranking.scores[0] == 1


def test_two_equal_answers_do_not_outrank_ten_similar_ones(build: Build) -> None:
    rng = np.random.default_rng(5)
    viewer = random_answers(rng, missing=0)
    people: dict[Key, Person] = {key: random_answers(rng, missing=0.2) for key in range(50)}
    people[100] = {"carer": viewer["carer"], "work": viewer["work"]}
    people[101] = {**viewer, "age": min(float(viewer["age"]) + 4, 96)}  # type: ignore[arg-type]  # age is a number
    assert engine_with(build, people).search(query(viewer), k=2).keys[0] == 101


def test_an_unanswered_question_counts_as_the_mean_over_all_who_answered(build: Build) -> None:
    engine = engine_with(build, {1: {"age": 16}, 2: {"age": 56}, 3: {"carer": "yes"}})
    ranking = engine.search(query({"age": 16}), k=3)
    assert ranking.keys == (1, 3, 2)
    assert ranking.scores.tolist() == pytest.approx([1, 0.75, 0.5])
    assert ranking.known.tolist() == [[True], [False], [True]]


def test_a_trait_that_no_teller_answered_is_left_out_of_the_score(build: Build) -> None:
    engine = engine_with(build, {1: {"age": 16}, 2: {"age": 56}})
    ranking = engine.search(query({"age": 16, "work": "days"}), k=2)
    assert ranking.traits == ("age",)
    assert ranking.weights.tolist() == [1]
    assert ranking.scores.tolist() == [1, 0.5]


def test_without_answers_all_scores_are_0_in_key_order(build: Build) -> None:
    engine = engine_with(build, dict(zip([5, 3, 9, 1], random_people(4, seed=1), strict=True)))
    ranking = engine.search(query({}), k=3)
    assert ranking.keys == (1, 3, 5)
    assert ranking.scores.tolist() == [0, 0, 0]
    assert ranking.similarities.shape == (3, 0)


def test_identity_counts_only_if_the_viewer_gives_it_a_weight(build: Build) -> None:
    engine = engine_with(build, {1: {"faith": "none", "carer": "no"}, 2: {"faith": "hindu", "carer": "no"}})
    viewer: Person = {"faith": "hindu", "carer": "no"}
    assert engine.search(query(viewer), k=2).keys == (1, 2)
    assert engine.search(query(viewer, {"faith": 2}), k=2).keys == (2, 1)


def test_own_weights_decide_between_two_tellers(build: Build) -> None:
    engine = engine_with(build, {1: {"work": "days", "carer": "no"}, 2: {"work": "none", "carer": "yes"}})
    viewer: Person = {"work": "days", "carer": "yes"}
    assert engine.search(query(viewer, {"work": 4}), k=1).keys == (1,)
    assert engine.search(query(viewer, {"carer": 4}), k=1).keys == (2,)
    assert engine.search(query(viewer, {"work": 0}), k=1).keys == (2,)


def test_ties_go_to_the_smaller_key_in_any_order_of_insertion(build: Build) -> None:
    keys = [UUID(int=number << 60) for number in (7, 2, 9, 4, 1)]
    engine = engine_with(build, {key: {"carer": "yes"} for key in keys})
    assert engine.search(query({"carer": "yes"}), k=3).keys == tuple(sorted(keys)[:3])


def test_ties_between_text_keys_compare_the_whole_text(build: Build) -> None:
    keys = [f"a-long-common-beginning-{number:03}" for number in (40, 7, 300, 21)]
    engine = engine_with(build, {key: {"carer": "yes"} for key in keys})
    assert engine.search(query({"carer": "yes"}), k=2).keys == tuple(sorted(keys)[:2])


# Edges


def test_a_k_above_the_size_returns_all(build: Build) -> None:
    people: dict[Key, Person] = dict(enumerate(random_people(7, seed=2)))
    assert len(engine_with(build, people).search(query({"age": 30}), k=500).keys) == 7


def test_a_k_of_0_or_an_empty_selection_returns_nothing(build: Build) -> None:
    people: dict[Key, Person] = dict(enumerate(random_people(7, seed=2, missing=0)))
    engine = engine_with(build, people)
    viewer = query({"age": 30})
    rankings = [
        engine.search(viewer, k=0),
        engine.search(viewer, k=3, among=[]),
        engine.search(viewer, k=3, among=[99]),
    ]
    assert all(ranking.keys == () and ranking.traits == ("age",) for ranking in rankings)
    assert build(CATALOGUE).search(viewer, k=3).keys == ()


def test_a_negative_k_is_refused(build: Build) -> None:
    with pytest.raises(ValueError, match="k must be 0 or more"):
        build(CATALOGUE).search(query({"age": 30}), k=-1)


def test_the_same_key_cannot_be_added_twice(build: Build) -> None:
    engine = engine_with(build, {1: {}})
    with pytest.raises(KeyTaken):
        engine.add([1], [{}])
    with pytest.raises(KeyTaken):
        engine.add([2, 2], [{}, {}])
    assert len(engine) == 1


def test_keys_of_two_types_are_refused(build: Build) -> None:
    with pytest.raises(MixedKeys):
        engine_with(build, {1: {}}).add(["two"], [{}])
    with pytest.raises(MixedKeys):
        build(CATALOGUE).add([1, "two"], [{}, {}])


@pytest.mark.parametrize(
    "person", [{"shoe": 1}, {"work": "sundays"}, {"likes": frozenset({"chess"})}, {"age": 4}]
)
def test_an_invalid_answer_leaves_the_index_unchanged(build: Build, person: Person) -> None:
    engine = engine_with(build, {1: {"age": 30}})
    with pytest.raises(InvalidAnswer):
        engine.add([2, 3], [{"age": 31}, person])
    with pytest.raises(InvalidAnswer):
        engine.replace(1, person)
    assert len(engine) == 1
    assert engine.search(query({"age": 30}), k=5).scores.tolist() == [1]


def test_a_removed_key_is_not_found_and_not_counted(build: Build) -> None:
    engine = engine_with(build, {1: {"age": 16}, 2: {"age": 56}, 3: {}})
    engine.remove(2)
    ranking = engine.search(query({"age": 16}), k=5)
    assert ranking.keys == (1, 3)
    assert ranking.scores.tolist() == [1, 1]
    assert 2 not in engine
    with pytest.raises(KeyMissing):
        engine.remove(2)
    with pytest.raises(KeyMissing):
        engine.replace(2, {})


def test_a_removed_key_can_be_added_again(build: Build) -> None:
    engine = engine_with(build, {1: {"age": 16}})
    engine.remove(1)
    engine.add([1], [{"age": 56}])
    assert engine.search(query({"age": 56}), k=5).keys == (1,)


def test_replace_changes_the_answers_of_a_key(build: Build) -> None:
    engine = engine_with(build, {1: {"work": "days"}, 2: {"work": "nights"}})
    engine.replace(1, {"work": "nights", "age": 30})
    ranking = engine.search(query({"work": "nights"}), k=5)
    assert ranking.keys == (1, 2)
    assert len(engine) == 2


def test_a_filter_holds_whatever_changed_since_the_last_search(build: Build) -> None:
    engine = engine_with(build, dict(enumerate(random_people(1_500, seed=3))))
    few, many = [4, 40, 140, 7_000], list(range(1_200))
    engine.search(query({"age": 30}), k=5, among=many)
    engine.replace(40, {"age": 30})
    engine.remove(4)
    engine.add([7_000], [{"age": 31}])
    for keys in (few, many):
        unfiltered = engine.search(query({"age": 30}), k=1_500)
        expected = [key for key in unfiltered.keys if key in set(keys)][:30]
        assert list(engine.search(query({"age": 30}), k=30, among=keys).keys) == expected
        assert 4 not in expected
    assert engine.search(query({"age": 30}), k=5, among=few).keys[:2] == (40, 7_000)


def test_contributions_sum_to_the_score(build: Build) -> None:
    people: dict[Key, Person] = dict(enumerate(random_people(60, seed=4)))
    ranking = engine_with(build, people).search(
        query(random_people(1, seed=9, missing=0)[0], {"work": 4, "faith": 1}), k=60
    )
    assert ranking.weights.sum() == pytest.approx(1)
    assert (ranking.similarities @ ranking.weights).tolist() == pytest.approx(
        ranking.scores.tolist(), abs=TOLERANCE
    )
    for match, score in zip(ranking.matches(), ranking.scores.tolist(), strict=True):
        assert (match.score, [part.trait for part in match.contributions]) == (score, [*ranking.traits])
        assert sum(part.amount for part in match.contributions) == pytest.approx(score, abs=TOLERANCE)
        assert [part.known for part in match.contributions] == [
            trait in people[match.key] for trait in ranking.traits
        ]
    for position, key in enumerate(ranking.keys):
        assert ranking.known[position].tolist() == [trait in people[key] for trait in ranking.traits]


# Agreement


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), count=st.integers(0, 40), missing=st.sampled_from([0.0, 0.3, 0.7, 1.0]))
def test_random_worlds_are_ranked_like_the_formula(
    in_memory: Build, seed: int, count: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    people: dict[Key, Person] = dict(enumerate(random_people(count, seed=seed, missing=missing)))
    viewer_query = query(random_answers(rng, missing=missing / 2), random_viewer_weights(rng))
    among = {int(key) for key in rng.integers(0, 50, size=20)} if rng.random() < 0.5 else None
    expected = rank_by_formula(people, viewer_query, k=10, among=among)
    assert_same(engine_with(in_memory, people).search(viewer_query, k=10, among=among), expected)


def test_a_thousand_random_queries_between_edits_equal_the_oracle(every_build: list[Build]) -> None:
    rng = np.random.default_rng(11)
    people: dict[Key, Person] = dict(enumerate(random_people(400, seed=11)))
    oracle, *others = engines = [engine_with(build, people) for build in every_build]
    present = list(people)
    for turn in range(1_000):
        if turn % 50 == 0:
            _edit(engines, present, rng)
        viewer_query = query(random_answers(rng, missing=0.3), random_viewer_weights(rng))
        among = _random_filter(turn, present, rng)
        k = int(rng.choice([1, 5, 20, 60]))
        expected_ranking = oracle.search(viewer_query, k=k, among=among)
        for engine in others:
            ranking = engine.search(viewer_query, k=k, among=among)
            assert_same(
                ranking, list(zip(expected_ranking.keys, expected_ranking.scores.tolist(), strict=True))
            )
            assert ranking.traits == expected_ranking.traits
            assert (ranking.known == expected_ranking.known).all()
            assert np.allclose(ranking.similarities, expected_ranking.similarities, atol=TOLERANCE)


def _edit(engines: list[Engine], present: list[Key], rng: np.random.Generator) -> None:
    """Remove, replace and add the same keys in each engine."""
    for _ in range(5):
        removed = present.pop(int(rng.integers(len(present))))
        changed = present[int(rng.integers(len(present)))]
        new = int(removed) + 100_000
        present.append(new)
        answers = [random_answers(rng, missing=0.4), random_answers(rng, missing=0.4)]
        for engine in engines:
            engine.remove(removed)
            engine.replace(changed, answers[0])
            engine.add([new], [answers[1]])


def _random_filter(turn: int, present: list[Key], rng: np.random.Generator) -> list[Key] | None:
    if turn % 3 == 0:
        return None
    share = 0.02 if turn % 3 == 1 else 0.5
    return [key for key in present if rng.random() < share]
