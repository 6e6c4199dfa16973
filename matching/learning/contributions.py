"""Recomputes the contributions to a match's score for one viewer and one teller."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from matching.similarity import Contribution, build_weighted_query, compute_contributions, expected_similarity
from matching.traits import Answer, Answers, TraitCatalogue


class ContributionCalculator:
    """Computes contributions under the prior weights; `tellers` determine the expected similarities."""

    def __init__(self, catalogue: TraitCatalogue, tellers: Iterable[Answers]) -> None:
        self._catalogue = catalogue
        self._counts: dict[str, Counter[Answer]] = {trait.key: Counter() for trait in catalogue}
        for teller in tellers:
            for key, answer in teller.items():
                self._counts[key][answer] += 1
        self._cached_expected_similarity = lru_cache(maxsize=100_000)(self._expected_similarity)

    def calculate_contributions(
        self, viewer: Answers, teller: Answers, *, viewer_weights: Mapping[str, float]
    ) -> list[Contribution]:
        query = build_weighted_query(viewer, catalogue=self._catalogue, viewer_weights=viewer_weights)
        expected = {key: self._cached_expected_similarity(key, query.answers[key]) for key in query.weights}
        return compute_contributions(query, teller, catalogue=self._catalogue, expected_by_trait=expected)

    def _expected_similarity(self, key: str, answer: Answer) -> float | None:
        return expected_similarity(self._catalogue[key], answer, self._counts[key])
