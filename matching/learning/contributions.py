"""What a match's score was made of, worked out again for one viewer and one teller."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from matching.similarity import Contribution, build_weighted_query, compute_contributions, expected_similarity
from matching.traits.catalogue import Answer, Answers, TraitCatalogue


class ContributionCalculator:
    """Takes scores apart, under the prior.

    Parameters
    ----------
    catalogue
        The traits.
    tellers
        Everybody's answers, from which is known what to expect of an open one.
    """

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
        """Give each trait's part in how alike the two are, with `own` as what matters to the viewer."""
        query = build_weighted_query(
            viewer, catalogue=self._catalogue, base_weights={}, viewer_weights=viewer_weights
        )
        expected = {key: self._cached_expected_similarity(key, query.answers[key]) for key in query.weights}
        return compute_contributions(query, teller, catalogue=self._catalogue, expected_by_trait=expected)

    def _expected_similarity(self, key: str, answer: Answer) -> float | None:
        return expected_similarity(self._catalogue[key], answer, self._counts[key])
