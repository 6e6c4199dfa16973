"""Rank tellers for a viewer whose answers come as JSON, and show what each score consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from matching.engine import InMemoryEngine
from matching.engine_contract import Among, Engine, Key, Ranking
from matching.similarity import Contribution, build_weighted_query
from matching.traits.catalogue import Answers, TraitCatalogue


@dataclass(frozen=True)
class Match:
    """One teller in a ranking; `contributions` sum to the score."""

    key: Key
    score: float
    _ranking: Ranking = field(repr=False, compare=False)
    _position: int = field(repr=False, compare=False)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Each compared trait's part in the score, in catalogue order; computed on access."""
        ranking = self._ranking
        return tuple(
            Contribution(trait, similarity, weight, known)
            for trait, similarity, weight, known in zip(
                ranking.traits,
                ranking.similarities[self._position].tolist(),
                ranking.weights.tolist(),
                ranking.known[self._position].tolist(),
                strict=True,
            )
        )


def matches_of(ranking: Ranking) -> list[Match]:
    scored = zip(ranking.keys, ranking.scores.tolist(), strict=True)
    return [Match(key, score, ranking, position) for position, (key, score) in enumerate(scored)]


class Matcher:
    """Ranks tellers for viewers whose answers come as JSON.

    Parameters
    ----------
    catalogue
        The traits.
    base_weights
        By trait, from 0 to `matching.similarity.MAX_BASE_WEIGHT`; 1 for traits that are left out.

    Attributes
    ----------
    engine_
        The index that `fit` built.
    """

    engine_: Engine

    def __init__(self, catalogue: TraitCatalogue, *, base_weights: Mapping[str, float] | None = None) -> None:
        self.catalogue = catalogue
        self.base_weights = base_weights

    def fit(self, keys: Sequence[Key], answers: Sequence[Answers]) -> Self:
        """Index one mapping of clean answers per key."""
        engine = InMemoryEngine(self.catalogue)
        engine.add(keys, answers)
        self.engine_ = engine
        return self

    def rank(
        self,
        viewer_answers: Mapping[str, object],
        *,
        weights: Mapping[str, float] | None = None,
        among: Among = None,
        k: int = 20,
    ) -> list[Match]:
        """Return the k best matches, best first; raises BadAnswer or BadWeight.

        Parameters
        ----------
        weights
            How much each trait matters to the viewer: 0, 1, 2 or 4. The default is 1, or 0 for identity traits.
        among
            Keys to search among.
        """
        answers = self.catalogue.clean(viewer_answers)
        query = build_weighted_query(
            answers,
            catalogue=self.catalogue,
            base_weights=self.base_weights or {},
            viewer_weights=weights or {},
        )
        return matches_of(self.engine_.search(query, k=k, among=among))

    def __len__(self) -> int:
        return len(self.engine_)
