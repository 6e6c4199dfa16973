from dataclasses import replace

import numpy as np
import pytest

from matching.diversity import MaximalMarginalRelevance, _Loss
from matching.records import Candidate
from matching.traits import Answers
from tests.matching.random_people import CATALOGUE, random_people
from tests.matching.test_reranking import ALL_ANSWERS, NIGHT_WORKER, STORY


def test_similarity_to_an_early_pick_is_kept_when_more_is_selected() -> None:
    diversity = MaximalMarginalRelevance(CATALOGUE, diversity_weight=0.3)
    people = random_people(3, seed=3, missing=0)
    first_pick, second_pick, twin = (
        Candidate(replace(STORY, key=str(number), strategies=frozenset({strategy})), 0.5, person)
        for number, (person, strategy) in enumerate(zip([*people[:2], people[0]], "aba", strict=True))
    )
    assert diversity.story_similarity(twin, first_pick) == 1
    assert diversity.story_similarity(twin, second_pick) < 0.5

    after_one = diversity._updated_loss(_Loss(-0.35, 2), twin, [first_pick])
    after_two = diversity._updated_loss(after_one, twin, [first_pick, second_pick])

    assert (after_one.max_similarity, after_two.max_similarity) == (1, 1)
    assert after_one.loss == after_two.loss == -0.35 + 0.3
    assert after_two.compared_count == 2


def test_diversity_prefers_a_dissimilar_candidate() -> None:
    strategy = frozenset({"rehearse"})
    first = Candidate(replace(STORY, key="1", strategies=strategy), 0.9, NIGHT_WORKER)
    twin = Candidate(replace(STORY, key="2", strategies=strategy), 0.89, NIGHT_WORKER)
    other = Candidate(
        replace(STORY, key="3", strategies=frozenset({"reward"})),
        0.8,
        {"age": 90, "work": "days", "carer": "no"},
    )
    scores = {candidate.story.key: candidate.similarity for candidate in (first, twin, other)}
    selected_by_weight = {
        weight: [
            candidate.story.key
            for candidate in MaximalMarginalRelevance(CATALOGUE, diversity_weight=weight).select_diverse(
                [first, twin, other], count=2, already_selected=[], scores=scores
            )
        ]
        for weight in (0.0, 0.3)
    }
    assert selected_by_weight == {0.0: ["1", "2"], 0.3: ["1", "3"]}


def test_already_selected_stories_count_as_selected() -> None:
    strategy = frozenset({"rehearse"})
    twin = Candidate(replace(STORY, key="2", strategies=strategy), 0.81, {"work": "nights"})
    other = Candidate(replace(STORY, key="3"), 0.8, {"work": "days"})
    selected = MaximalMarginalRelevance(CATALOGUE, diversity_weight=0.3).select_diverse(
        [twin, other], count=1, already_selected=[twin], scores={"2": 0.81, "3": 0.8}
    )
    assert selected == [other]


def test_story_similarity_is_the_mean_of_tellers_and_strategies() -> None:
    twin = Candidate(replace(STORY, strategies=frozenset({"reward"})), 0.5, ALL_ANSWERS)
    diversity = MaximalMarginalRelevance(CATALOGUE, diversity_weight=0.3)
    assert diversity.story_similarity(twin, twin) == 1
    assert diversity.story_similarity(twin, replace(twin, story=STORY)) == 0.5
    assert diversity.story_similarity(Candidate(STORY, 0.5), Candidate(STORY, 0.5)) == 0.25


def test_lazy_greedy_selection_equals_full_comparison() -> None:
    people = random_people(40, seed=8)
    rng = np.random.default_rng(8)
    candidates = [
        Candidate(replace(STORY, key=f"s{number}", strategies=frozenset({"ab"[number % 2]})), 0.5, person)
        for number, person in enumerate(people)
    ]
    for weight in (0.0, 0.3, 0.7, 1.0):
        scores = {candidate.story.key: round(float(rng.random()), 1) for candidate in candidates}
        diversity = MaximalMarginalRelevance(CATALOGUE, diversity_weight=weight)
        selected = diversity.select_diverse(
            candidates, count=5, already_selected=candidates[:2], scores=scores
        )
        against = candidates[:2]
        remaining = list(candidates)
        for expected in selected:
            gains = [
                (1 - weight) * scores[one.story.key]
                - weight * max(diversity.story_similarity(one, other) for other in against)
                for one in remaining
            ]
            assert gains[remaining.index(expected)] == pytest.approx(max(gains), abs=1e-12)
            remaining.remove(expected)
            against.append(expected)
        assert len(selected) == 5


def test_diversity_compares_with_every_selected_story_and_not_only_the_last() -> None:
    def candidate(key: str, *, strategy: str, traits: Answers) -> Candidate:
        return Candidate(replace(STORY, key=key, strategies=frozenset({strategy})), 0.5, traits)

    first = candidate("1", strategy="rehearse", traits=ALL_ANSWERS)
    second = candidate("2", strategy="reward", traits=NIGHT_WORKER)
    twin_of_first = candidate("3", strategy="rehearse", traits=ALL_ANSWERS)
    unlike_both = candidate("4", strategy="ask", traits={"age": 90, "work": "shifts", "carer": "no"})
    diversity = MaximalMarginalRelevance(CATALOGUE, diversity_weight=0.5)
    scores = {"1": 1.0, "2": 0.9, "3": 0.8, "4": 0.5}

    selected = diversity.select_diverse(
        [first, second, twin_of_first, unlike_both], count=3, already_selected=[], scores=scores
    )

    assert selected == [first, second, unlike_both]
