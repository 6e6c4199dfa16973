import numpy as np
import pytest

from matching.matcher import Matcher
from matching.similarity import BadWeight, contributions, expected_similarity, score, weigh
from matching.traits import Answers
from tests.matching.worlds import AGE, CATALOGUE, LIKES, WORK, everyone


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
