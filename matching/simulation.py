"""A made-up world whose right answers are known: viewers, tellers, and how much each trait truly counts.

It goes round the whole loop with the real parts: slates are composed and logged by `SlatePolicy`, weights learned by
`matching.learning`, the policy judged by `matching.evaluation`. So one can see whether the loop finds what was planted,
and stays quiet where nothing was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from matching.engine_contract import Floats
from matching.evaluation.off_policy import LoggedOutcome
from matching.learning.contributions import ContributionCalculator
from matching.learning.training_set import ReportKind, TrainingExample
from matching.matcher import Matcher
from matching.records import RoleModelKind, StoryFacts, StoryOutcome, ViewerFacts
from matching.reranking import Candidate
from matching.slate_policy import ComposedSlate, ScoredStoryTable, SlateArm, SlatePolicy, slate_seed
from matching.story_table import StoryTable
from matching.traits.catalogue import Answer, Answers, SetTrait, Trait, TraitCatalogue

CHALLENGE_KEY = 1
DOMAIN = "speaking"
LADDER_LENGTH = 7
EXPLORATION_SHARE = 0.1
FIRST_TELLER_KEY = 1_000_000  # so that nobody is both viewer and teller


@dataclass(frozen=True, kw_only=True)
class SimulationPlan:
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
    true_weights: Mapping[str, float] = field(default_factory=dict)
    likeness_effect: float = 0.3
    confidence_effect: float = 0.16
    missing_share: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class SimulatedRound:
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

    training_examples: tuple[TrainingExample, ...]
    logged_slates: tuple[LoggedOutcome, ...]
    shown_tellers: tuple[tuple[int, ...], ...]
    true_lift: float


@dataclass(frozen=True)
class _SimulatedSlate:
    """One viewer's list, and how alike they truly are to each teller, in spreads over all tellers."""

    viewer: int
    slate: ComposedSlate
    true_similarity: Floats


class SimulatedWorld:
    """Viewers, tellers and the truth between them, the same for the same plan."""

    def __init__(self, catalogue: TraitCatalogue, plan: SimulationPlan) -> None:
        self.catalogue, self.plan = catalogue, plan
        rng = np.random.default_rng(plan.seed)
        self.tellers = [_random_answers(catalogue, plan.missing_share, rng) for _ in range(plan.stories)]
        self.viewers = [_random_answers(catalogue, plan.missing_share, rng) for _ in range(plan.viewers)]
        self._contribution_calculator = ContributionCalculator(catalogue, self.tellers)

    def simulate_round(
        self, *, base_weights: Mapping[str, float] | None = None, round_number: int = 0
    ) -> SimulatedRound:
        """Let every viewer come once, under these base weights, and report on what they were shown."""
        rng = np.random.default_rng([self.plan.seed, round_number])
        evenings = list(self._compose_slates(base_weights or {}, round_number))
        told = [one for evening in evenings for one in self._simulate_reports(evening, rng)]
        benefits = [
            self.plan.confidence_effect
            * float(evening.true_similarity[_teller_indices(evening.slate)].mean())
            for evening in evenings
        ]
        lists = [
            _logged_slate(evening, benefit + float(rng.normal()))
            for evening, benefit in zip(evenings, benefits, strict=True)
        ]
        matched = [
            benefit
            for evening, benefit in zip(evenings, benefits, strict=True)
            if evening.slate.arm == SlateArm.MATCHED
        ]
        shown = tuple(tuple(_teller_indices(evening.slate)) for evening in evenings)
        # True likeness is in spreads around its mean, so that what chance shows does 0 for confidence.
        return SimulatedRound(tuple(told), tuple(lists), shown, float(np.mean(matched)))

    def _compose_slates(
        self, base_weights: Mapping[str, float], round_number: int
    ) -> Iterator[_SimulatedSlate]:
        keys = range(FIRST_TELLER_KEY, FIRST_TELLER_KEY + self.plan.stories)
        silent = {trait.key: 0.0 for trait in self.catalogue}
        matcher = Matcher(self.catalogue, base_weights=base_weights).fit(keys, self.tellers)
        oracle = Matcher(self.catalogue, base_weights={**silent, **self.plan.true_weights}).fit(
            keys, self.tellers
        )
        policy, day = (
            SlatePolicy(self.catalogue, exploration=EXPLORATION_SHARE),
            date(2026, 1, 1) + timedelta(days=round_number),
        )
        stories = [_story_facts(key) for key in keys]
        crowd = StoryTable.from_stories(stories)
        for viewer, traits in enumerate(self.viewers):
            similarity = _similarity_scores(matcher, traits)
            shortlist = policy.build_shortlist(
                ScoredStoryTable(crowd, similarity),
                viewer=_viewer_facts(viewer),
                seed=slate_seed(viewer, self.plan.seed, day),
            )
            slate = policy.compose_slate(
                shortlist,
                [
                    Candidate(stories[row], float(similarity[row]), self.tellers[row])
                    for row in shortlist.rows
                ],
            )
            yield _SimulatedSlate(viewer, slate, _standardise(_similarity_scores(oracle, traits)))

    def _simulate_reports(
        self, evening: _SimulatedSlate, rng: np.random.Generator
    ) -> Iterator[TrainingExample]:
        """Say after each story how like oneself it was, and rate the ladder again."""
        usual = 5 + rng.normal()
        for place in _teller_indices(evening.slate):
            parts = self._contribution_calculator.calculate_contributions(
                self.viewers[evening.viewer], self.tellers[place], viewer_weights={}
            )
            felt = usual + 2 * (self.plan.likeness_effect * evening.true_similarity[place] + rng.normal())
            gained = self.plan.confidence_effect * evening.true_similarity[place] + rng.normal()
            answer = float(np.clip(round(felt), 0, 10))
            yield TrainingExample(evening.viewer, place, DOMAIN, ReportKind.LIKENESS, parts, answer)
            yield TrainingExample(evening.viewer, place, DOMAIN, ReportKind.CONFIDENCE, parts, float(gained))


def _logged_slate(evening: _SimulatedSlate, outcome: float) -> LoggedOutcome:
    """A list came by the toss of a coin: with the odds of its arm, and certain under that arm's policy alone."""
    by_chance = evening.slate.arm == SlateArm.RANDOM
    odds = EXPLORATION_SHARE if by_chance else 1 - EXPLORATION_SHARE
    return LoggedOutcome(
        evening.viewer,
        outcome,
        odds,
        matched_probability=float(not by_chance),
        random_probability=float(by_chance),
    )


def _similarity_scores(matcher: Matcher, traits: Answers) -> Floats:
    scores = np.zeros(len(matcher))
    for match in matcher.rank(traits, k=len(matcher)):
        scores[match.key - FIRST_TELLER_KEY] = match.score
    return scores


def _teller_indices(slate: ComposedSlate) -> list[int]:
    return [item.key - FIRST_TELLER_KEY for item in slate.items]


def _standardise(truth: Floats) -> Floats:
    spread = float(truth.std())
    return (truth - truth.mean()) / spread if spread else np.zeros_like(truth)


def _viewer_facts(viewer: int) -> ViewerFacts:
    ratings = dict.fromkeys(range(1, LADDER_LENGTH + 1), 40)
    return ViewerFacts(
        person=viewer, challenge=CHALLENGE_KEY, present_rung=0, ladder_length=LADDER_LENGTH, ratings=ratings
    )


def _story_facts(key: int) -> StoryFacts:
    return StoryFacts(
        key=key,
        teller=key,
        challenge=CHALLENGE_KEY,
        start_rung=0,
        end_rung=2,
        model_kind=RoleModelKind.MASTERY if key % 5 == 0 else RoleModelKind.COPING,
        outcome=StoryOutcome.REACHED,
        language="en",
    )


def _random_answers(catalogue: TraitCatalogue, missing: float, rng: np.random.Generator) -> dict[str, Answer]:
    return {trait.key: _random_answer(trait, rng) for trait in catalogue if rng.random() >= missing}


def _random_answer(trait: Trait, rng: np.random.Generator) -> Answer:
    if isinstance(trait, SetTrait):
        chosen = rng.choice(len(trait.levels), size=int(rng.integers(1, 4)), replace=False)
        return frozenset(trait.levels[place][0] for place in chosen)
    return trait.values[int(rng.integers(len(trait.values)))]
