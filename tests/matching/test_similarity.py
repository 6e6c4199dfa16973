import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.matcher import Matcher
from matching.similarity import BadWeight, Query, contributions, expected_similarity, score, weigh
from matching.traits import Answer, Answers, Trait
from tests.matching.worlds import AGE, CATALOGUE, LIKES, WORK, any_answer, everyone, someone


def test_identity_weighs_nothing_until_the_viewer_says_that_it_matters() -> None:
    answers: Answers = {"faith": "hindu", "carer": "yes"}
    assert weigh(answers, catalogue=CATALOGUE, base={}, own={}).weights == {"carer": 1}
    assert weigh(answers, catalogue=CATALOGUE, base={}, own={"faith": 2}).weights == {"carer": 1, "faith": 2}


def test_a_weight_is_the_base_times_the_viewers_own() -> None:
    answers: Answers = {"age": 30, "carer": "yes", "work": "days"}
    query = weigh(
        answers, catalogue=CATALOGUE, base={"age": 0.5, "work": 0}, own={"age": 4, "carer": 0, "sleep": 4}
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
        weigh({"age": 30}, catalogue=CATALOGUE, base=base, own=own)
    assert refused.value.trait_key == trait_key


def test_the_expected_similarity_is_the_mean_over_those_who_answered() -> None:
    assert expected_similarity(WORK, "nights", {"nights": 1, "shifts": 2, "days": 1}) == pytest.approx(0.55)
    assert expected_similarity(AGE, 16, {96: 3}) == 0
    assert expected_similarity(LIKES, frozenset({"music"}), {}) is None


def test_a_score_is_made_of_weights_that_add_up_to_one() -> None:
    query = weigh({"age": 16, "carer": "yes", "work": "days"}, catalogue=CATALOGUE, base={}, own={"carer": 2})
    expected = {"age": 0.4, "carer": 0.5, "work": None}
    parts = contributions(query, {"carer": "yes"}, catalogue=CATALOGUE, expected=expected)
    assert [(part.trait, part.known) for part in parts] == [("age", False), ("carer", True)]
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert score(parts) == pytest.approx((0.4 + 2) / 3)


def test_neutral_similarity_survives_hidden_answers_far_better_than_renormalised_gower() -> None:
    """The twenty shown from half-hidden answers, against the hundred who are truly nearest."""
    rng = np.random.default_rng(17)
    whole = everyone(1_500, seed=17, missing=0)
    hidden = [
        {key: answer for key, answer in person.items() if rng.random() >= rate}
        for person, rate in zip(whole, rng.beta(2, 3, size=len(whole)), strict=True)
    ]
    keys = range(len(whole))
    truly, shown = Matcher(CATALOGUE).fit(keys, whole), Matcher(CATALOGUE).fit(keys, hidden)
    neutral, gower = [], []
    for viewer in everyone(20, seed=18, missing=0):
        truth = {match.key for match in truly.rank(viewer, k=100)}
        neutral.append(len(truth & {match.key for match in shown.rank(viewer, k=20)}) / 20)
        gower.append(len(truth & _renormalised(viewer, hidden)) / 20)
    assert np.mean(neutral) > 0.4
    assert np.mean(neutral) > 3 * np.mean(gower)


def _renormalised(
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
unhurried = settings(deadline=None, max_examples=60)


def scored(viewer: Answers, teller: Answers, weights: dict[str, float], expected: dict[str, float]) -> float:
    query = Query(viewer, {key: weights[key] for key in viewer if weights.get(key)})
    return score(contributions(query, teller, catalogue=CATALOGUE, expected=expected))


def a_meeting(seed: int) -> tuple[np.random.Generator, Person, Person, dict[str, float], dict[str, float]]:
    """Make a viewer, a teller, weights, and what is expected of those who did not answer."""
    rng = np.random.default_rng(seed)
    viewer, teller = (someone(rng, missing=float(rng.choice([0, 0.4, 0.9]))) for _ in range(2))
    weights = {trait.key: float(rng.choice([0.5, 1, 2, 4])) for trait in CATALOGUE}
    return rng, viewer, teller, weights, {trait.key: float(rng.random()) for trait in CATALOGUE}


@unhurried
@given(trait=TRAITS, seed=SEEDS)
def test_two_answers_are_as_alike_one_way_as_the_other_and_never_out_of_bounds(
    trait: Trait, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    one, other = any_answer(trait, rng), any_answer(trait, rng)
    assert trait.similarity(one, other) == trait.similarity(other, one)
    assert 0 <= trait.similarity(one, other) <= 1
    assert trait.similarity(one, one) == 1


@unhurried
@given(seed=SEEDS)
def test_a_score_lies_between_nothing_and_one(seed: int) -> None:
    _, viewer, teller, weights, expected = a_meeting(seed)
    assert 0 <= scored(viewer, teller, weights, expected) <= 1 + 1e-12


@unhurried
@given(seed=SEEDS)
def test_two_who_answered_everything_and_weigh_alike_score_the_same_either_way(seed: int) -> None:
    rng, _, _, weights, expected = a_meeting(seed)
    one, other = someone(rng, missing=0), someone(rng, missing=0)
    assert scored(one, other, weights, expected) == pytest.approx(scored(other, one, weights, expected))


@unhurried
@given(seed=SEEDS, trait=TRAITS)
def test_what_the_viewer_left_open_changes_nothing(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = a_meeting(seed)
    viewer.pop(trait.key, None)
    without = {key: answer for key, answer in teller.items() if key != trait.key}
    otherwise = {**without, trait.key: any_answer(trait, rng)}
    assert scored(viewer, without, weights, expected) == scored(viewer, otherwise, weights, expected)


@unhurried
@given(seed=SEEDS, trait=TRAITS)
def test_silence_is_worth_what_was_expected_and_no_more(seed: int, trait: Trait) -> None:
    rng, viewer, teller, weights, expected = a_meeting(seed)
    viewer[trait.key], teller[trait.key] = any_answer(trait, rng), any_answer(trait, rng)
    silent = {key: answer for key, answer in teller.items() if key != trait.key}
    share = weights[trait.key] / sum(weights[key] for key in viewer)
    alike = trait.similarity(viewer[trait.key], teller[trait.key])
    gained = scored(viewer, silent, weights, expected) - scored(viewer, teller, weights, expected)
    assert gained == pytest.approx(share * (expected[trait.key] - alike))


@unhurried
@given(seed=SEEDS, trait=TRAITS, more=st.floats(1, 8))
def test_a_trait_that_is_more_alike_than_the_rest_can_only_help_when_it_weighs_more(
    seed: int, trait: Trait, more: float
) -> None:
    rng, viewer, teller, weights, expected = a_meeting(seed)
    viewer[trait.key], teller[trait.key] = any_answer(trait, rng), any_answer(trait, rng)
    before = scored(viewer, teller, weights, expected)
    after = scored(viewer, teller, {**weights, trait.key: weights[trait.key] * more}, expected)
    alike = trait.similarity(viewer[trait.key], teller[trait.key])
    assert (after - before) * (alike - before) >= -1e-12
