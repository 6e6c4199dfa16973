"""A small catalogue with every kind of trait, and seeded random people."""

from collections.abc import Mapping, Sequence

import numpy as np

from matching.engine import InMemoryEngine
from matching.engine_contract import Match
from matching.similarity import build_weighted_query
from matching.traits import (
    Answer,
    Answers,
    CategoryTrait,
    NumericTrait,
    OrdinalTrait,
    SentenceTemplates,
    SetTrait,
    Trait,
    TraitCatalogue,
)

AGE = NumericTrait(
    key="age",
    label="age",
    question="How old are you?",
    minimum=16,
    maximum=96,
    unit="years",
    unit_singular="year",
    templates=SentenceTemplates(
        shared="You were the same age.",
        near="Close to your age.",
        more="About {difference} older than you.",
        less="About {difference} younger than you.",
    ),
)
SLEEP = NumericTrait(
    key="sleep", label="hours of sleep", question="Hours?", minimum=0, maximum=12, step=0.5, unit="hours"
)
SUPPORT = OrdinalTrait(
    key="support",
    label="support",
    question="Who could you call?",
    levels=(("nobody", "nobody"), ("one", "one person"), ("few", "a few"), ("many", "many people")),
    templates=SentenceTemplates(
        shared="You both had {value} to call.",
        more="They had more people to call.",
        less="They had fewer people to call.",
    ),
)
WORK = CategoryTrait(
    key="work",
    label="working hours",
    question="When do you work?",
    levels=(("days", "days"), ("nights", "nights"), ("shifts", "shifts"), ("none", "not working")),
    level_similarities={("nights", "shifts"): 0.6},
    templates=SentenceTemplates(
        shared_by_level={"nights": "You both work nights."}, differs_by_level={"days": "They worked days."}
    ),
)
CARER = CategoryTrait(
    key="carer", label="caring for someone", question="Do you?", levels=(("no", "no"), ("yes", "yes"))
)
FAITH = CategoryTrait(
    key="faith",
    label="faith",
    question="Your faith?",
    identity=True,
    levels=tuple((key, key) for key in ("none", "christian", "muslim", "hindu")),
)
LIKES = SetTrait(
    key="likes",
    label="interests",
    question="What do you like?",
    levels=tuple((key, key) for key in ("music", "sport", "games", "food", "nature", "making")),
    templates=SentenceTemplates(shared="You both like {value}."),
)
HEALTH = SetTrait(
    key="health",
    label="health",
    question="What limits you?",
    levels=tuple((key, key) for key in ("pain", "fatigue", "sight", "hearing", "breath", "none")),
    level_similarities={("pain", "fatigue"): 0.4, ("sight", "hearing"): 0.7},
)
CATALOGUE = TraitCatalogue([AGE, SLEEP, SUPPORT, WORK, CARER, FAITH, LIKES, HEALTH])


def random_answer(trait: Trait, rng: np.random.Generator) -> Answer:
    if isinstance(trait, SetTrait):
        chosen = rng.choice(len(trait.levels), size=rng.integers(1, 4), replace=False)
        return frozenset(trait.levels[index][0] for index in chosen)
    return trait.values[int(rng.integers(len(trait.values)))]


def random_answers(
    rng: np.random.Generator, *, missing: float, catalogue: TraitCatalogue = CATALOGUE
) -> dict[str, Answer]:
    return {trait.key: random_answer(trait, rng) for trait in catalogue if rng.random() >= missing}


def random_people(count: int, *, seed: int, missing: float = 0.4) -> list[dict[str, Answer]]:
    rng = np.random.default_rng(seed)
    return [random_answers(rng, missing=missing) for _ in range(count)]


def random_viewer_weights(rng: np.random.Generator) -> dict[str, float]:
    return {trait.key: float(rng.choice([0, 1, 2, 4])) for trait in CATALOGUE if rng.random() < 0.6}


def rank_tellers(
    tellers: Sequence[Answers],
    viewer: Mapping[str, object],
    *,
    catalogue: TraitCatalogue = CATALOGUE,
    base_weights: Mapping[str, float] | None = None,
    viewer_weights: Mapping[str, float] | None = None,
) -> list[Match]:
    """Rank all tellers for a viewer, best first; keys are positions."""
    query = build_weighted_query(
        catalogue.clean(viewer), catalogue=catalogue, base_weights=base_weights, viewer_weights=viewer_weights
    )
    return InMemoryEngine(catalogue).fit(tellers).search(query, k=len(tellers)).matches()
