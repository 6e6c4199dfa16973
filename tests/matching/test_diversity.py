"""Maximal marginal relevance compares with every story that is already selected, not only with the latest."""

from dataclasses import replace

from matching.reranking import Candidate, MaximalMarginalRelevance, _Loss
from tests.matching.random_people import CATALOGUE, random_people
from tests.matching.test_reranking import STORY


def test_a_twin_of_an_early_pick_stays_a_twin_whatever_is_selected_later() -> None:
    diversity = MaximalMarginalRelevance(CATALOGUE, diversity_weight=0.3)
    people = random_people(3, seed=3, missing=0)
    early, later, twin = (
        Candidate(replace(STORY, key=str(number), strategies=frozenset({strategy})), 0.5, person)
        for number, (person, strategy) in enumerate(zip([*people[:2], people[0]], "aba", strict=True))
    )
    assert diversity.story_similarity(twin, early) == 1
    assert diversity.story_similarity(twin, later) < 0.5

    after_one = diversity._updated(_Loss(-0.35, 2), twin, [early])
    after_two = diversity._updated(after_one, twin, [early, later])

    assert (after_one.max_similarity, after_two.max_similarity) == (1, 1)
    assert after_one.loss == after_two.loss == -0.35 + 0.3
    assert after_two.compared_count == 2
