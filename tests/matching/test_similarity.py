import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import InMemoryEngine
from matching.similarity import (
    InvalidWeight,
    WeightedQuery,
    build_weighted_query,
    compute_contributions,
    expected_similarity,
)
from matching.traits import Answer, Answers, Trait
from tests.matching.random_people import (
    AGE,
    CATALOGUE,
    LIKES,
    WORK,
    random_answer,
    random_answers,
    random_people,
)


def test_identity_traits_have_no_weight_until_the_viewer_gives_one() -> None:
    answers: Answers = {"faith": "hindu", "carer": "yes"}
    assert build_weighted_query(answers, catalogue=CATALOGUE, base_weights={}, viewer_weights={}).weights == {
        "carer": 1
    }
    assert build_weighted_query(
        answers, catalogue=CATALOGUE, base_weights={}, viewer_weights={"faith": 2}
    ).weights == {"carer": 1, "faith": 2}


def test_a_weight_is_base_weight_times_viewer_weight() -> None:
    answers: Answers = {"age": 30, "carer": "yes", "work": "days"}
    query = build_weighted_query(
        answers,
        catalogue=CATALOGUE,
        base_weights={"age": 0.5, "work": 0},
        viewer_weights={"age": 4, "carer": 0, "sleep": 4},
    )
    assert query.weights == {"age": 2}


@pytest.mark.parametrize(
    ("base_weights", "viewer_weights", "trait_key"),
    [
        ({"shoe": 1}, {}, "shoe"),
        ({"age": -1}, {}, "age"),
        ({"age": float("nan")}, {}, "age"),
        ({"age": float("inf")}, {}, "age"),
        ({}, {"shoe": 1}, "shoe"),
        ({}, {"age": 3}, "age"),
        ({}, {"age": -1}, "age"),
    ],
)
def test_a_weight_out_of_range_is_refused_by_name(
    base_weights: dict[str, float], viewer_weights: dict[str, float], trait_key: str
) -> None:
    with pytest.raises(InvalidWeight) as refused:
        build_weighted_query(
            {"age": 30}, catalogue=CATALOGUE, base_weights=base_weights, viewer_weights=viewer_weights
        )
    assert refused.value.trait_key == trait_key


def test_the_expected_similarity_is_the_mean_over_those_who_answered() -> None:
    assert expected_similarity(WORK, "nights", {"nights": 1, "shifts": 2, "days": 1}) == pytest.approx(0.55)
    assert expected_similarity(AGE, 16, {96: 3}) == 0
    assert expected_similarity(LIKES, frozenset({"music"}), {}) is None


def test_weights_of_the_contributions_sum_to_1() -> None:
    query = build_weighted_query(
        {"age": 16, "carer": "yes", "work": "days"},
        catalogue=CATALOGUE,
        base_weights={},
        viewer_weights={"carer": 2},
    )
    expected = {"age": 0.4, "carer": 0.5, "work": None}
    contributions = compute_contributions(
        query, {"carer": "yes"}, catalogue=CATALOGUE, expected_by_trait=expected
    )
    assert [(part.trait, part.known) for part in contributions] == [("age", False), ("carer", True)]
    assert sum(part.weight for part in contributions) == pytest.approx(1)
    assert sum(part.amount for part in contributions) == pytest.approx((0.4 + 2) / 3)


def test_neutral_similarity_is_more_robust_than_renormalised_gower() -> None:
    # The top 20 by partly hidden answers, compared with the top 100 by all answers.
    rng = np.random.default_rng(17)
    people = random_people(1_500, seed=17, missing=0)
    partial = [
        {key: answer for key, answer in person.items() if rng.random() >= rate}
        for person, rate in zip(people, rng.beta(2, 3, size=len(people)), strict=True)
    ]
    full_engine, partial_engine = (
        InMemoryEngine(CATALOGUE).fit(people),
        InMemoryEngine(CATALOGUE).fit(partial),
    )
    neutral, gower = [], []
    for viewer in random_people(20, seed=18, missing=0):
        query = build_weighted_query(viewer, catalogue=CATALOGUE)
        true_top = set(full_engine.search(query, k=100).keys)
        neutral.append(len(true_top & set(partial_engine.search(query, k=20).keys)) / 20)
        gower.append(len(true_top & _top_by_renormalised_gower(viewer, partial)) / 20)
    assert np.mean(neutral) > 0.4
    assert np.mean(neutral) > 3 * np.mean(gower)


def _top_by_renormalised_gower(
    viewer: Answers, people: list[Answers] | list[dict[str, float | str | frozenset[str]]]
) -> set[int]:
    """Return the top 20 by Gower's similarity, which averages over the traits that both answered."""
    traits = [trait for trait in CATALOGUE if not trait.identity]
    scores = []
    for person in people:
        similarities = [
            trait.similarity(viewer[trait.key], person[trait.key]) for trait in traits if trait.key in person
        ]
        scores.append(sum(similarities) / len(similarities) if similarities else 0.0)
    return set(np.argsort(-np.array(scores), kind="stable")[:20].tolist())


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1, -1e-300, 1e308, 1_000_001])
def test_base_weights_out_of_bounds_are_refused(weight: float) -> None:
    with pytest.raises(InvalidWeight, match="from 0 to 1,000,000"):
        build_weighted_query({"age": 30}, catalogue=CATALOGUE, base_weights={"age": weight})


# Properties

SEEDS = st.integers(0, 2**32)
TRAITS = st.sampled_from(list(CATALOGUE))
Person = dict[str, Answer]
property_settings = settings(deadline=None, max_examples=60)


def compute_score(
    viewer: Answers, teller: Answers, weights: dict[str, float], expected: dict[str, float]
) -> float:
    query = WeightedQuery(viewer, {key: weights[key] for key in viewer if weights.get(key)})
    contributions = compute_contributions(query, teller, catalogue=CATALOGUE, expected_by_trait=expected)
    return sum(contribution.amount for contribution in contributions)


def random_pair(seed: int) -> tuple[np.random.Generator, Person, Person, dict[str, float], dict[str, float]]:
    """Return a generator, a viewer, a teller, weights and expected similarities."""
    rng = np.random.default_rng(seed)
    viewer, teller = (random_answers(rng, missing=float(rng.choice([0, 0.4, 0.9]))) for _ in range(2))
    weights = {trait.key: float(rng.choice([0.5, 1, 2, 4])) for trait in CATALOGUE}
    return rng, viewer, teller, weights, {trait.key: float(rng.random()) for trait in CATALOGUE}


@property_settings
@given(trait=TRAITS, seed=SEEDS)
def test_answer_similarity_is_symmetric_and_from_0_to_1(trait: Trait, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = random_answer(trait, rng), random_answer(trait, rng)
    assert trait.similarity(first, second) == trait.similarity(second, first)
    assert 0 <= trait.similarity(first, second) <= 1
    assert trait.similarity(first, first) == 1


@property_settings
@given(seed=SEEDS)
def test_a_score_is_from_0_to_1(seed: int) -> None:
    _, viewer, teller, weights, expected = random_pair(seed)
    assert 0 <= compute_score(viewer, teller, weights, expected) <= 1 + 1e-12


@property_settings
@given(seed=SEEDS)
def test_scores_between_complete_profiles_are_symmetric(seed: int) -> None:
    rng, _, _, weights, expected = random_pair(seed)
    first, second = random_answers(rng, missing=0), random_answers(rng, missing=0)
    assert compute_score(first, second, weights, expected) == pytest.approx(
        compute_score(second, first, weights, expected)
    )


@property_settings
@given(seed=SEEDS, trait=TRAITS)
def test_a_question_the_viewer_left_open_does_not_change_the_score(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer.pop(trait.key, None)
    without = {key: answer for key, answer in teller.items() if key != trait.key}
    changed = {**without, trait.key: random_answer(trait, rng)}
    assert compute_score(viewer, without, weights, expected) == compute_score(
        viewer, changed, weights, expected
    )


@property_settings
@given(seed=SEEDS, trait=TRAITS)
def test_an_unanswered_question_is_worth_the_expected_similarity(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer[trait.key], teller[trait.key] = random_answer(trait, rng), random_answer(trait, rng)
    unanswered = {key: answer for key, answer in teller.items() if key != trait.key}
    share = weights[trait.key] / sum(weights[key] for key in viewer)
    similarity = trait.similarity(viewer[trait.key], teller[trait.key])
    difference = compute_score(viewer, unanswered, weights, expected) - compute_score(
        viewer, teller, weights, expected
    )
    assert difference == pytest.approx(share * (expected[trait.key] - similarity))


@property_settings
@given(seed=SEEDS, trait=TRAITS, factor=st.floats(1, 8))
def test_more_weight_on_a_trait_moves_the_score_towards_its_similarity(
    seed: int, trait: Trait, factor: float
) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer[trait.key], teller[trait.key] = random_answer(trait, rng), random_answer(trait, rng)
    before = compute_score(viewer, teller, weights, expected)
    after = compute_score(viewer, teller, {**weights, trait.key: weights[trait.key] * factor}, expected)
    similarity = trait.similarity(viewer[trait.key], teller[trait.key])
    assert (after - before) * (similarity - before) >= -1e-12
