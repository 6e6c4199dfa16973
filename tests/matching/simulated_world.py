"""A simulated world with known weights, for tests and benchmarks of the whole loop.

`SlatePolicy` composes and logs slates, `matching.learning` learns weights, `matching.evaluation` judges the policy. So tests
can check that the loop recovers planted weights, and finds nothing where nothing was planted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from matching.engine import InMemoryEngine
from matching.engine_contract import Floats
from matching.evaluation.off_policy import LoggedOutcome
from matching.learning.contributions import ContributionCalculator
from matching.learning.training_set import ReportKind, TrainingExample
from matching.records import Candidate, RoleModelKind, StoryFacts, StoryOutcome, ViewerFacts
from matching.similarity import build_weighted_query
from matching.slate_policy import ComposedSlate, SlateArm, SlatePolicy, slate_seed
from matching.story_table import ScoredStoryTable, StoryTable
from matching.traits import Answers, TraitCatalogue
from tests.matching.random_people import random_answers

CHALLENGE_KEY = 1
DOMAIN = "speaking"
LADDER_LENGTH = 7
EXPLORATION_SHARE = 0.1
FIRST_TELLER_KEY = 1_000_000  # so that no key is both a viewer's and a teller's


@dataclass(frozen=True, kw_only=True)
class SimulationPlan:
    """The planted effects.

    Attributes
    ----------
    true_weights
        True weight by trait, 0 if absent.
    likeness_effect
        Change of a like-me answer (noise of standard deviation 1, before it is scaled to 0 to 10) per standard deviation of
        true similarity.
    confidence_effect
        Change of confidence per standard deviation of true similarity, in its own standard deviations.
    missing_share
        The mean share of unanswered questions.
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
    """The log of one slate per viewer.

    Attributes
    ----------
    shown_tellers
        By slate.
    true_lift
        The true effect of matched slates on confidence beyond that of random slates, in standard deviations.
    """

    training_examples: tuple[TrainingExample, ...]
    logged_slates: tuple[LoggedOutcome, ...]
    shown_tellers: tuple[tuple[int, ...], ...]
    true_lift: float


@dataclass(frozen=True)
class _SimulatedSlate:
    """One viewer's slate, and their true similarity to every teller, standardised."""

    viewer: int
    slate: ComposedSlate
    true_similarity: Floats

    @property
    def teller_indices(self) -> list[int]:
        return [item.key - FIRST_TELLER_KEY for item in self.slate.items]


class SimulatedWorld:
    """Viewers and tellers, the same for the same plan."""

    def __init__(self, catalogue: TraitCatalogue, plan: SimulationPlan) -> None:
        self.catalogue, self.plan = catalogue, plan
        rng = np.random.default_rng(plan.seed)
        self.tellers = [
            random_answers(rng, catalogue=catalogue, missing=plan.missing_share) for _ in range(plan.stories)
        ]
        self.viewers = [
            random_answers(rng, catalogue=catalogue, missing=plan.missing_share) for _ in range(plan.viewers)
        ]
        self._engine = InMemoryEngine(catalogue).fit(self.tellers)
        self._contribution_calculator = ContributionCalculator(catalogue, self.tellers)

    def simulate_round(
        self, *, base_weights: Mapping[str, float] | None = None, round_number: int = 0
    ) -> SimulatedRound:
        """Show every viewer one slate, composed with these base weights, and simulate their reports."""
        rng = np.random.default_rng([self.plan.seed, round_number])
        slates = list(self._compose_slates(base_weights or {}, round_number))
        examples = [example for slate in slates for example in self._simulate_reports(slate, rng)]
        benefits = [
            self.plan.confidence_effect * float(slate.true_similarity[slate.teller_indices].mean())
            for slate in slates
        ]
        logged_slates = [
            _logged_slate(slate, benefit + float(rng.normal()))
            for slate, benefit in zip(slates, benefits, strict=True)
        ]
        # True similarity has a mean of 0, so random slates have no effect on average.
        true_lift = np.mean(
            [
                benefit
                for slate, benefit in zip(slates, benefits, strict=True)
                if slate.slate.arm == SlateArm.MATCHED
            ]
        )
        shown_tellers = tuple(tuple(slate.teller_indices) for slate in slates)
        return SimulatedRound(tuple(examples), tuple(logged_slates), shown_tellers, float(true_lift))

    def _compose_slates(
        self, base_weights: Mapping[str, float], round_number: int
    ) -> Iterator[_SimulatedSlate]:
        true_weights = {trait.key: self.plan.true_weights.get(trait.key, 0.0) for trait in self.catalogue}
        policy = SlatePolicy(self.catalogue, exploration=EXPLORATION_SHARE)
        day = date(2026, 1, 1) + timedelta(days=round_number)
        stories = [_story_facts(FIRST_TELLER_KEY + index) for index in range(self.plan.stories)]
        story_table = StoryTable.from_stories(stories)
        for viewer, answers in enumerate(self.viewers):
            similarity = self._similarity(answers, base_weights)
            shortlist = policy.build_shortlist(
                ScoredStoryTable(story_table, similarity),
                viewer=_viewer_facts(viewer),
                seed=slate_seed(viewer, self.plan.seed, day),
            )
            candidates = [
                Candidate(stories[row], float(similarity[row]), self.tellers[row]) for row in shortlist.rows
            ]
            slate = policy.compose_slate(shortlist, candidates)
            yield _SimulatedSlate(viewer, slate, _standardise(self._similarity(answers, true_weights)))

    def _similarity(self, answers: Answers, base_weights: Mapping[str, float]) -> Floats:
        query = build_weighted_query(answers, catalogue=self.catalogue, base_weights=base_weights)
        return self._engine.scores(query)

    def _simulate_reports(
        self, slate: _SimulatedSlate, rng: np.random.Generator
    ) -> Iterator[TrainingExample]:
        viewer_mean = 5 + rng.normal()
        for teller in slate.teller_indices:
            contributions = self._contribution_calculator.calculate_contributions(
                self.viewers[slate.viewer], self.tellers[teller], viewer_weights={}
            )
            similarity = slate.true_similarity[teller]
            reported_likeness = viewer_mean + 2 * (self.plan.likeness_effect * similarity + rng.normal())
            confidence_gain = self.plan.confidence_effect * similarity + rng.normal()
            for kind, value in (
                (ReportKind.LIKENESS, np.clip(round(reported_likeness), 0, 10)),
                (ReportKind.CONFIDENCE, confidence_gain),
            ):
                yield TrainingExample(slate.viewer, teller, DOMAIN, kind, contributions, float(value))


def _logged_slate(slate: _SimulatedSlate, outcome: float) -> LoggedOutcome:
    """Log a slate with the probability of its arm; under that arm's policy alone it is certain."""
    is_random = slate.slate.arm == SlateArm.RANDOM
    return LoggedOutcome(
        slate.viewer,
        outcome,
        EXPLORATION_SHARE if is_random else 1 - EXPLORATION_SHARE,
        matched_probability=float(not is_random),
        random_probability=float(is_random),
    )


def _standardise(values: Floats) -> Floats:
    standard_deviation = float(values.std())
    return (values - values.mean()) / standard_deviation if standard_deviation else np.zeros_like(values)


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
