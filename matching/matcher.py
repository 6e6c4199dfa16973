"""The estimator in front of the engines: fit tellers, rank them for a viewer, and say what each score is made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from matching.engines.contract import Among, Engine, Key, Ranking, Selection
from matching.engines.scan import ScanEngine
from matching.similarity import Contribution, build_weighted_query
from matching.traits.catalogue import Answers, TraitCatalogue


class NotFitted(ValueError, AttributeError):
    """Asked for matches before there was anyone to match with."""


class UnknownParameter(ValueError):
    """A parameter name or value that `Matcher` does not have."""


@dataclass(frozen=True)
class Match:
    """One teller in a ranking; `contributions` add up to the score."""

    key: Key
    score: float
    _ranking: Ranking = field(repr=False, compare=False)
    _place: int = field(repr=False, compare=False)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Each compared trait's part, in catalogue order; worked out only for those that are looked at."""
        ranking = self._ranking
        return tuple(
            Contribution(trait, similarity, weight, known)
            for trait, similarity, weight, known in zip(
                ranking.traits,
                ranking.similarities[self._place].tolist(),
                ranking.weights.tolist(),
                ranking.known[self._place].tolist(),
                strict=True,
            )
        )


def matches_of(ranking: Ranking) -> list[Match]:
    scored = zip(ranking.keys, ranking.scores.tolist(), strict=True)
    return [Match(key, score, ranking, place) for place, (key, score) in enumerate(scored)]


class Matcher:
    """Find the tellers most like a viewer by neutral similarity, exactly.

    It follows scikit-learn's manner (parameters are stored as given, `fit` learns `engine_`, `get_params`,
    `set_params` and `sklearn.base.clone` work) without importing scikit-learn, which would cost a web server
    seconds at start. What it fits are answers by key; `matching.neighbours.NeutralNeighbors` fits arrays with the
    same engine, and passes scikit-learn's own checks.

    Any number of threads may call `rank` while others add, replace and remove: each ranking sees one moment of
    the index.

    Parameters
    ----------
    catalogue
        The traits, which say what may be answered and how answers compare.
    engine
        "scan" for use, "sklearn" for the slow and independent oracle.
    base_weights
        By trait, 0 or more; what is left out has 1.

    Attributes
    ----------
    engine_
        The index that `fit` made.
    """

    engine_: Engine

    def __init__(
        self,
        catalogue: TraitCatalogue,
        *,
        engine: str = "scan",
        base_weights: Mapping[str, float] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.engine = engine
        self.base_weights = base_weights

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # scikit-learn's signature
        return {"catalogue": self.catalogue, "engine": self.engine, "base_weights": self.base_weights}

    def set_params(self, **parameters: object) -> Self:
        for name, value in parameters.items():
            if name not in self.get_params():
                raise UnknownParameter(f"Matcher has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def fit(self, keys: Sequence[Key], traits: Sequence[Answers]) -> Self:
        """Index the tellers afresh.

        Parameters
        ----------
        keys
            Hashable, sortable, all of one type; ties are broken by them.
        traits
            Clean answers, one mapping a key.
        """
        engine = _made(self.engine, self.catalogue)
        engine.add(keys, traits)
        self.engine_ = engine
        return self

    def partial_fit(self, keys: Sequence[Key], traits: Sequence[Answers]) -> Self:
        """Add many tellers to those already indexed, if any."""
        if not hasattr(self, "engine_"):
            return self.fit(keys, traits)
        self.engine_.add(keys, traits)
        return self

    def add(self, key: Key, traits: Answers) -> None:
        self._fitted.add([key], [traits])

    def remove(self, key: Key) -> None:
        self._fitted.remove(key)

    def replace(self, key: Key, traits: Answers) -> None:
        self._fitted.replace(key, traits)

    def select(self, keys: Collection[Key]) -> Selection:
        """Look these keys up once, to `rank` among them many times."""
        return self._fitted.select(keys)

    def rank(
        self,
        viewer_traits: Mapping[str, object],
        *,
        weights: Mapping[str, float] | None = None,
        among: Among = None,
        k: int = 20,
    ) -> list[Match]:
        """Give the k best matches, best first, ties to the smaller key.

        Parameters
        ----------
        viewer_traits
            What the viewer shared; checked against the catalogue.
        weights
            How much each trait matters to the viewer: 0, 1, 2 or 4. Unsaid is 1, or 0 for identity traits.
        among
            Keys, or a selection from `select`, to which to keep.

        Raises
        ------
        NotFitted, BadAnswer, BadWeight
        """
        answers = self.catalogue.clean(viewer_traits)
        query = build_weighted_query(
            answers,
            catalogue=self.catalogue,
            base_weights=self.base_weights or {},
            viewer_weights=weights or {},
        )
        return matches_of(self._fitted.search(query, k=k, among=among))

    def __len__(self) -> int:
        return len(self._fitted)

    def __contains__(self, key: object) -> bool:
        return key in self._fitted

    @property
    def _fitted(self) -> Engine:
        try:
            return self.engine_
        except AttributeError:
            raise NotFitted("fit the matcher before ranking with it") from None


def _made(engine: str, catalogue: TraitCatalogue) -> Engine:
    match engine:
        case "scan":
            return ScanEngine(catalogue)
        case "sklearn":
            # Loading scikit-learn takes seconds; only those who ask for the oracle wait for it.
            from matching.engines.reference import SklearnEngine

            return SklearnEngine(catalogue)
        case _:
            raise UnknownParameter(f"there is no engine {engine!r}: choose scan or sklearn")
