import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.matcher import Matcher
from matching.similarity import (
    BadWeight,
    WeightedQuery,
    build_weighted_query,
    compute_contributions,
    expected_similarity,
    sum_contributions,
)
from matching.traits.catalogue import Answer, Answers, Trait
from tests.matching.random_people import (
    AGE,
    CATALOGUE,
    LIKES,
    WORK,
    random_answer,
    random_answers,
    random_people,
)


def test_identity_weighs_nothing_until_the_viewer_says_that_it_matters() -> None:
    answers: Answers = {"faith": "hindu", "carer": "yes"}
    assert build_weighted_query(answers, catalogue=CATALOGUE, base_weights={}, viewer_weights={}).weights == {
        "carer": 1
    }
    assert build_weighted_query(
        answers, catalogue=CATALOGUE, base_weights={}, viewer_weights={"faith": 2}
    ).weights == {"carer": 1, "faith": 2}


def test_a_weight_is_the_base_times_the_viewers_own() -> None:
    answers: Answers = {"age": 30, "carer": "yes", "work": "days"}
    query = build_weighted_query(
        answers,
        catalogue=CATALOGUE,
        base_weights={"age": 0.5, "work": 0},
        viewer_weights={"age": 4, "carer": 0, "sleep": 4},
    )
    assert query.weights == {"age": 2}


@pytest.mark.parametrize(
    ("base", "own", "trait_key"),
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
def test_a_weight_outside_the_scale_is_refused_by_name(
    base: dict[str, float], own: dict[str, float], trait_key: str
) -> None:
    with pytest.raises(BadWeight) as refused:
        build_weighted_query({"age": 30}, catalogue=CATALOGUE, base_weights=base, viewer_weights=own)
    assert refused.value.trait_key == trait_key


def test_the_expected_similarity_is_the_mean_over_those_who_answered() -> None:
    assert expected_similarity(WORK, "nights", {"nights": 1, "shifts": 2, "days": 1}) == pytest.approx(0.55)
    assert expected_similarity(AGE, 16, {96: 3}) == 0
    assert expected_similarity(LIKES, frozenset({"music"}), {}) is None


def test_a_score_is_made_of_weights_that_add_up_to_one() -> None:
    query = build_weighted_query(
        {"age": 16, "carer": "yes", "work": "days"},
        catalogue=CATALOGUE,
        base_weights={},
        viewer_weights={"carer": 2},
    )
    expected = {"age": 0.4, "carer": 0.5, "work": None}
    parts = compute_contributions(query, {"carer": "yes"}, catalogue=CATALOGUE, expected_by_trait=expected)
    assert [(part.trait, part.known) for part in parts] == [("age", False), ("carer", True)]
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert sum_contributions(parts) == pytest.approx((0.4 + 2) / 3)


def test_neutral_similarity_survives_hidden_answers_far_better_than_renormalised_gower() -> None:
    """The twenty shown from half-hidden answers, against the hundred who are truly nearest."""
    rng = np.random.default_rng(17)
    whole = random_people(1_500, seed=17, missing=0)
    hidden = [
        {key: answer for key, answer in person.items() if rng.random() >= rate}
        for person, rate in zip(whole, rng.beta(2, 3, size=len(whole)), strict=True)
    ]
    keys = range(len(whole))
    truly, shown = Matcher(CATALOGUE).fit(keys, whole), Matcher(CATALOGUE).fit(keys, hidden)
    neutral, gower = [], []
    for viewer in random_people(20, seed=18, missing=0):
        truth = {match.key for match in truly.rank(viewer, k=100)}
        neutral.append(len(truth & {match.key for match in shown.rank(viewer, k=20)}) / 20)
        gower.append(len(truth & _top_by_renormalised_gower(viewer, hidden)) / 20)
    assert np.mean(neutral) > 0.4
    assert np.mean(neutral) > 3 * np.mean(gower)


def _top_by_renormalised_gower(
    viewer: Answers, people: list[Answers] | list[dict[str, float | str | frozenset[str]]]
) -> set[int]:
    """Give the top twenty by the usual Gower similarity, which averages over what both happened to answer."""
    traits = [trait for trait in CATALOGUE if not trait.identity]
    scores = []
    for person in people:
        both = [
            trait.similarity(viewer[trait.key], person[trait.key]) for trait in traits if trait.key in person
        ]
        scores.append(sum(both) / len(both) if both else 0.0)
    return set(np.argsort(-np.array(scores), kind="stable")[:20].tolist())


# What holds for any people

SEEDS = st.integers(0, 2**32)
TRAITS = st.sampled_from(list(CATALOGUE))
Person = dict[str, Answer]
property_settings = settings(deadline=None, max_examples=60)


def compute_score(
    viewer: Answers, teller: Answers, weights: dict[str, float], expected: dict[str, float]
) -> float:
    query = WeightedQuery(viewer, {key: weights[key] for key in viewer if weights.get(key)})
    return sum_contributions(
        compute_contributions(query, teller, catalogue=CATALOGUE, expected_by_trait=expected)
    )


def random_pair(seed: int) -> tuple[np.random.Generator, Person, Person, dict[str, float], dict[str, float]]:
    """Make a viewer, a teller, weights, and what is expected of those who did not answer."""
    rng = np.random.default_rng(seed)
    viewer, teller = (random_answers(rng, missing=float(rng.choice([0, 0.4, 0.9]))) for _ in range(2))
    weights = {trait.key: float(rng.choice([0.5, 1, 2, 4])) for trait in CATALOGUE}
    return rng, viewer, teller, weights, {trait.key: float(rng.random()) for trait in CATALOGUE}


@property_settings
@given(trait=TRAITS, seed=SEEDS)
def test_two_answers_are_as_alike_one_way_as_the_other_and_never_out_of_bounds(
    trait: Trait, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    one, other = random_answer(trait, rng), random_answer(trait, rng)
    assert trait.similarity(one, other) == trait.similarity(other, one)
    assert 0 <= trait.similarity(one, other) <= 1
    assert trait.similarity(one, one) == 1


@property_settings
@given(seed=SEEDS)
def test_a_score_lies_between_nothing_and_one(seed: int) -> None:
    _, viewer, teller, weights, expected = random_pair(seed)
    assert 0 <= compute_score(viewer, teller, weights, expected) <= 1 + 1e-12


@property_settings
@given(seed=SEEDS)
def test_two_who_answered_everything_and_weigh_alike_score_the_same_either_way(seed: int) -> None:
    rng, _, _, weights, expected = random_pair(seed)
    one, other = random_answers(rng, missing=0), random_answers(rng, missing=0)
    assert compute_score(one, other, weights, expected) == pytest.approx(
        compute_score(other, one, weights, expected)
    )


@property_settings
@given(seed=SEEDS, trait=TRAITS)
def test_what_the_viewer_left_open_changes_nothing(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer.pop(trait.key, None)
    without = {key: answer for key, answer in teller.items() if key != trait.key}
    otherwise = {**without, trait.key: random_answer(trait, rng)}
    assert compute_score(viewer, without, weights, expected) == compute_score(
        viewer, otherwise, weights, expected
    )


@property_settings
@given(seed=SEEDS, trait=TRAITS)
def test_silence_is_worth_what_was_expected_and_no_more(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer[trait.key], teller[trait.key] = random_answer(trait, rng), random_answer(trait, rng)
    silent = {key: answer for key, answer in teller.items() if key != trait.key}
    share = weights[trait.key] / sum(weights[key] for key in viewer)
    alike = trait.similarity(viewer[trait.key], teller[trait.key])
    gained = compute_score(viewer, silent, weights, expected) - compute_score(
        viewer, teller, weights, expected
    )
    assert gained == pytest.approx(share * (expected[trait.key] - alike))


@property_settings
@given(seed=SEEDS, trait=TRAITS, more=st.floats(1, 8))
def test_a_trait_that_is_more_alike_than_the_rest_can_only_help_when_it_weighs_more(
    seed: int, trait: Trait, more: float
) -> None:
    rng, viewer, teller, weights, expected = random_pair(seed)
    viewer[trait.key], teller[trait.key] = random_answer(trait, rng), random_answer(trait, rng)
    before = compute_score(viewer, teller, weights, expected)
    after = compute_score(viewer, teller, {**weights, trait.key: weights[trait.key] * more}, expected)
    alike = trait.similarity(viewer[trait.key], teller[trait.key])
    assert (after - before) * (alike - before) >= -1e-12
