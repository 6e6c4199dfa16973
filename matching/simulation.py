"""A made-up world whose right answers are known: viewers, tellers, and how much each trait truly counts.

It goes round the whole loop with the real parts: slates are composed and logged by `SlatePolicy`, weights learned by
`matching.learning`, the policy judged by `matching.evaluation`. So one can see whether the loop finds what was planted,
and stays quiet where nothing was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from matching.crowd import Crowd
from matching.engines.contract import Floats
from matching.evaluation.policies import Logged
from matching.facts import ModelKind, Outcome, StoryFacts, ViewerFacts
from matching.learning.evidence import Kind, Told
from matching.learning.parts import Parts
from matching.matcher import Matcher
from matching.relevance import Candidate
from matching.slate import Arm, Candidates, Slate, SlatePolicy, slate_seed
from matching.traits import Answer, Answers, SetTrait, Trait, TraitCatalogue

CHALLENGE = 1
DOMAIN = "speaking"
LADDER = 7
EXPLORATION = 0.1
FIRST_TELLER = 1_000_000  # so that nobody is both viewer and teller


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is planted.

    Attributes
    ----------
    weights
        How much each trait truly counts; what is left out counts for nothing. None at all: no likeness counts.
    likeness
        How far a like-me answer (spread 1 before rounding to 0 to 10) moves with one spread of true likeness.
    effect
        How far confidence moves with one spread of true likeness, in its own spreads.
    missing
        The mean share of questions that are left open.
    """

    viewers: int
    stories: int
    weights: Mapping[str, float] = field(default_factory=dict)
    likeness: float = 0.3
    effect: float = 0.16
    missing: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class Season:
    """What a season of showing left in the log, and what nobody in the real world could know.

    Attributes
    ----------
    told
        The reports, as learning takes them.
    lists
        Each list's change of confidence with its chances, as comparing policies takes them.
    shown
        The tellers in each list.
    true_lift
        How far matched lists truly do more for confidence than random ones, in spreads.
    """

    told: tuple[Told, ...]
    lists: tuple[Logged, ...]
    shown: tuple[tuple[int, ...], ...]
    true_lift: float


@dataclass(frozen=True)
class _Evening:
    """One viewer's list, and how alike they truly are to each teller, in spreads over all tellers."""

    viewer: int
    slate: Slate
    truth: Floats


class World:
    """Viewers, tellers and the truth between them, the same for the same plan."""

    def __init__(self, catalogue: TraitCatalogue, plan: Plan) -> None:
        self.catalogue, self.plan = catalogue, plan
        rng = np.random.default_rng(plan.seed)
        self.tellers = [_someone(catalogue, plan.missing, rng) for _ in range(plan.stories)]
        self.viewers = [_someone(catalogue, plan.missing, rng) for _ in range(plan.viewers)]
        self._parts = Parts(catalogue, self.tellers)

    def season(self, *, base: Mapping[str, float] | None = None, number: int = 0) -> Season:
        """Let every viewer come once, under these base weights, and report on what they were shown."""
        rng = np.random.default_rng([self.plan.seed, number])
        evenings = list(self._evenings(base or {}, number))
        told = [one for evening in evenings for one in self._told(evening, rng)]
        benefits = [
            self.plan.effect * float(evening.truth[_places(evening.slate)].mean()) for evening in evenings
        ]
        lists = [
            _logged(evening, benefit + float(rng.normal()))
            for evening, benefit in zip(evenings, benefits, strict=True)
        ]
        matched = [
            benefit
            for evening, benefit in zip(evenings, benefits, strict=True)
            if evening.slate.arm == Arm.MATCHED
        ]
        shown = tuple(tuple(_places(evening.slate)) for evening in evenings)
        # True likeness is in spreads around its mean, so that what chance shows does 0 for confidence.
        return Season(tuple(told), tuple(lists), shown, float(np.mean(matched)))

    def _evenings(self, base: Mapping[str, float], number: int) -> Iterator[_Evening]:
        keys = range(FIRST_TELLER, FIRST_TELLER + self.plan.stories)
        silent = {trait.key: 0.0 for trait in self.catalogue}
        matcher = Matcher(self.catalogue, base_weights=base).fit(keys, self.tellers)
        oracle = Matcher(self.catalogue, base_weights={**silent, **self.plan.weights}).fit(keys, self.tellers)
        policy, day = (
            SlatePolicy(self.catalogue, exploration=EXPLORATION),
            date(2026, 1, 1) + timedelta(days=number),
        )
        stories = [_story(key) for key in keys]
        crowd = Crowd.of(stories)
        for viewer, traits in enumerate(self.viewers):
            likeness = _scores(matcher, traits)

            def look(places: Sequence[int], likeness: Floats = likeness) -> list[Candidate]:
                return [Candidate(stories[one], float(likeness[one]), self.tellers[one]) for one in places]

            slate = policy.compose(
                Candidates(crowd, likeness, look),
                viewer=_facts(viewer),
                seed=slate_seed(viewer, self.plan.seed, day),
            )
            yield _Evening(viewer, slate, _in_spreads(_scores(oracle, traits)))

    def _told(self, evening: _Evening, rng: np.random.Generator) -> Iterator[Told]:
        """Say after each story how like oneself it was, and rate the ladder again."""
        usual = 5 + rng.normal()
        for place in _places(evening.slate):
            parts = self._parts.of(self.viewers[evening.viewer], self.tellers[place], own={})
            felt = usual + 2 * (self.plan.likeness * evening.truth[place] + rng.normal())
            gained = self.plan.effect * evening.truth[place] + rng.normal()
            answer = float(np.clip(round(felt), 0, 10))
            yield Told(evening.viewer, place, DOMAIN, Kind.LIKENESS, parts, answer)
            yield Told(evening.viewer, place, DOMAIN, Kind.CONFIDENCE, parts, float(gained))


def _logged(evening: _Evening, outcome: float) -> Logged:
    """A list came by the toss of a coin: with the odds of its arm, and certain under that arm's policy alone."""
    by_chance = evening.slate.arm == Arm.RANDOM
    odds = EXPLORATION if by_chance else 1 - EXPLORATION
    return Logged(evening.viewer, outcome, odds, matched=float(not by_chance), random=float(by_chance))


def _scores(matcher: Matcher, traits: Answers) -> Floats:
    scores = np.zeros(len(matcher))
    for match in matcher.rank(traits, k=len(matcher)):
        scores[match.key - FIRST_TELLER] = match.score
    return scores


def _places(slate: Slate) -> list[int]:
    return [item.key - FIRST_TELLER for item in slate.items]


def _in_spreads(truth: Floats) -> Floats:
    spread = float(truth.std())
    return (truth - truth.mean()) / spread if spread else np.zeros_like(truth)


def _facts(viewer: int) -> ViewerFacts:
    ratings = dict.fromkeys(range(1, LADDER + 1), 40)
    return ViewerFacts(
        person=viewer, challenge=CHALLENGE, present_rung=0, ladder_length=LADDER, ratings=ratings
    )


def _story(key: int) -> StoryFacts:
    return StoryFacts(
        key=key,
        teller=key,
        challenge=CHALLENGE,
        start_rung=0,
        end_rung=2,
        model_kind=ModelKind.MASTERY if key % 5 == 0 else ModelKind.COPING,
        outcome=Outcome.REACHED,
        language="en",
    )


def _someone(catalogue: TraitCatalogue, missing: float, rng: np.random.Generator) -> dict[str, Answer]:
    return {trait.key: _answer(trait, rng) for trait in catalogue if rng.random() >= missing}


def _answer(trait: Trait, rng: np.random.Generator) -> Answer:
    if isinstance(trait, SetTrait):
        chosen = rng.choice(len(trait.levels), size=int(rng.integers(1, 4)), replace=False)
        return frozenset(trait.levels[place][0] for place in chosen)
    return trait.values[int(rng.integers(len(trait.values)))]
