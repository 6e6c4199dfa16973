"""What a match's score was made of, worked out again for one viewer and one teller."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from matching.similarity import Contribution, contributions, expected_similarity, weigh
from matching.traits import Answer, Answers, TraitCatalogue


class Parts:
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
        self._expected = lru_cache(maxsize=100_000)(self._expect)

    def of(self, viewer: Answers, teller: Answers, *, own: Mapping[str, float]) -> list[Contribution]:
        """Give each trait's part in how alike the two are, with `own` as what matters to the viewer."""
        query = weigh(viewer, catalogue=self._catalogue, base={}, own=own)
        expected = {key: self._expected(key, query.answers[key]) for key in query.weights}
        return contributions(query, teller, catalogue=self._catalogue, expected=expected)

    def _expect(self, key: str, answer: Answer) -> float | None:
        return expected_similarity(self._catalogue[key], answer, self._counts[key])
