"""The policy that turns matches into the few stories shown together, and says how likely each one was.

Nine slates in ten are composed for the viewer; one in ten is random within the same gates, because only a comparison
with chance can show that matching helps. Which of the two, and the draw itself, come from a seed that the caller
derives from viewer, challenge and day, so a slate can always be made again.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

import numpy as np

from matching.engines.contract import Floats, Key, Mask
from matching.gates import ELIGIBLE, EXCLUSION_REASONS, ExclusionReason, exclusion_codes
from matching.random_slate import MIN_TELLERS, EligiblePool, Shape, chance, draw, pool_of, shape_of
from matching.records import RoleModelKind, ViewerFacts
from matching.reranking import (
    MAX_SLATE_SIZE,
    SHORTLIST_SIZE,
    Candidate,
    MaximalMarginalRelevance,
    ScoreAdjustment,
    Worth,
    lot,
    shortlist,
)
from matching.story_table import StoryTable
from matching.traits.catalogue import TraitCatalogue

POLICY_VERSION = "slate-3"
MIN_SLATE_SIZE = 4


class SlateArm(StrEnum):
    """How a slate came about."""

    MATCHED = "matched"
    RANDOM = "random"
    # Fewer than three tellers: nothing is left to draw from.
    SCARCE = "scarce"


@dataclass(frozen=True)
class ScoredStoryTable:
    """Every published story of a challenge as it looks to one viewer: in columns, and whole where it is looked at.

    Attributes
    ----------
    similarity
        Shape (n,): how alike the viewer is to each story's then-self.
    look
        Gives some stories whole, by their places in the crowd.
    """

    story_table: StoryTable
    similarity: Floats
    look: Callable[[Sequence[int]], Sequence[Candidate]]

    @classmethod
    def of(cls, several: Sequence[Candidate]) -> Self:
        rising = sorted(several, key=lambda candidate: candidate.story.key)
        return cls(
            StoryTable.from_stories(candidate.story for candidate in rising),
            np.array([candidate.similarity for candidate in rising]),
            lambda places: [rising[place] for place in places],
        )


@dataclass(frozen=True)
class ComposedItem:
    """One story of a slate; `propensity` is its chance of being in it, over the policy's own randomness."""

    key: Key
    similarity: float
    adjustments: tuple[ScoreAdjustment, ...]
    propensity: float


@dataclass(frozen=True)
class ComposedSlate:
    """What is shown, in order, with all that an honest evaluation needs.

    Attributes
    ----------
    short
        Fewer than three tellers were within the gates: say so, and count the unmet demand.
    eligible
        Stories within the gates.
    refused
        How many were kept out, by reason.
    """

    items: tuple[ComposedItem, ...]
    arm: SlateArm
    is_scarce: bool
    eligible_count: int
    excluded_counts: Mapping[ExclusionReason, int]
    version: str
    seed: int


def slate_seed(viewer_key: Key, challenge_key: Key, day: date) -> int:
    """Derive a seed that is the same all day, on every machine and in every process."""
    return lot(viewer_key, challenge_key, day.isoformat())


class SlatePolicy:
    """Composes slates of three to `size` stories, each by another teller, coping first and how-to last.

    Parameters
    ----------
    catalogue
        To tell how alike two tellers are, so that a slate shows different people.
    size
        The most stories in a slate, from 4 to 6.
    exploration
        The share of random slates.
    diversity
        From 0 (only the best matches) to 1 (only unlike those already picked).
    """

    def __init__(
        self, catalogue: TraitCatalogue, *, size: int = 4, exploration: float = 0.1, diversity: float = 0.3
    ) -> None:
        if not (MIN_SLATE_SIZE <= size <= MAX_SLATE_SIZE and 0 <= exploration <= 1 and 0 <= diversity <= 1):
            raise ValueError("size must be 4 to 6, exploration and diversity 0 to 1")
        self.catalogue = catalogue
        self.size = size
        self.exploration = exploration
        self.diversity = diversity
        self._diversity = MaximalMarginalRelevance(catalogue, diversity_weight=diversity)

    @property
    def version(self) -> str:
        return (
            f"{POLICY_VERSION} size={self.size} exploration={self.exploration:g} diversity={self.diversity:g}"
        )

    def compose_slate(
        self,
        candidates: ScoredStoryTable,
        *,
        viewer: ViewerFacts,
        seed: int,
        less_like: Sequence[Candidate] = (),
    ) -> ComposedSlate:
        """Choose and order the stories for one viewer.

        Parameters
        ----------
        candidates
            Every published story of the challenge, not only the best matches: the random slate draws from all that
            pass the gates, which are asked here whether or not the caller asked them before.
        seed
            From `slate_seed`.
        less_like
            Stories of which the viewer wants fewer; what resembles them moves down a little.
        """
        within, refused = apply_gates(candidates, viewer)
        pool = pool_of(candidates.story_table, within)
        worth = Worth(viewer, self._diversity.story_similarity, less_like)
        if pool.teller_count < MIN_TELLERS:
            arm, items = SlateArm.SCARCE, _all_there(candidates, within, worth)
        else:
            arm, items = self._chosen(candidates, pool, worth, seed)
        eligible = int(np.count_nonzero(within))
        return ComposedSlate(tuple(items), arm, arm is SlateArm.SCARCE, eligible, refused, self.version, seed)

    def _chosen(
        self, candidates: ScoredStoryTable, pool: EligiblePool, worth: Worth, seed: int
    ) -> tuple[SlateArm, list[ComposedItem]]:
        """Toss the coin, and give each story's chance: its part in the draw, plus its part in the matched slate."""
        shape = shape_of(pool, size=self.size)
        near = [
            shortlist(candidates.story_table, candidates.similarity, kind.stories, viewer=worth.viewer)
            for kind in (pool.coping, pool.mastery)
        ]
        rng = np.random.default_rng(seed)
        drawn = draw(pool, shape, rng=rng) if rng.random() < self.exploration else None
        looked_at = list(dict.fromkeys([*near[0], *near[1], *(drawn or [])]))
        whole = dict(zip(looked_at, candidates.look(looked_at), strict=True))
        matched = self._matched(whole, near, worth, shape)
        shown = matched if drawn is None else drawn
        odds = {place: self.exploration * chance(pool, shape, place) for place in shown}
        for place in odds.keys() & set(matched):
            odds[place] += 1 - self.exploration
        arm = SlateArm.MATCHED if drawn is None else SlateArm.RANDOM
        return arm, [_item(whole[place], worth, odds[place]) for place in shown]

    def _matched(
        self, whole: Mapping[int, Candidate], near: Sequence[Sequence[int]], worth: Worth, shape: Shape
    ) -> list[int]:
        """Pick the most worthwhile that are unlike each other: coping stories, then mastery by others."""
        picked: list[Candidate] = []
        for places, count in zip(near, (shape.coping, shape.mastery), strict=True):
            taken = {candidate.story.teller for candidate in picked}
            free = [whole[place] for place in places if whole[place].story.teller not in taken][
                :SHORTLIST_SIZE
            ]
            worths = {candidate.story.key: worth.of(candidate) for candidate in free}
            picked += self._diversity.pick(free, count=count, beside=picked, worths=worths)
        places_by_key = {candidate.story.key: place for place, candidate in whole.items()}
        return [places_by_key[candidate.story.key] for candidate in picked]


def apply_gates(
    scored_stories: ScoredStoryTable, viewer: ViewerFacts
) -> tuple[Mask, dict[ExclusionReason, int]]:
    """Say which stories may be shown to this viewer, shape (n,), and how many may not, by reason."""
    reasons = exclusion_codes(viewer, scored_stories.story_table, similarity=scored_stories.similarity)
    counted = Counter(reasons[reasons != ELIGIBLE].tolist())
    return reasons == ELIGIBLE, {
        EXCLUSION_REASONS[reason]: count for reason, count in sorted(counted.items())
    }


def _item(candidate: Candidate, worth: Worth, odds: float) -> ComposedItem:
    return ComposedItem(candidate.story.key, candidate.similarity, worth.adjustments(candidate), odds)


def _all_there(candidates: ScoredStoryTable, within: Mask, worth: Worth) -> list[ComposedItem]:
    """Give up to three stories by the one or two tellers there are, both heard if there are two, coping first.

    A lone teller who only shows mastery is kept back: on its own such a story discourages.
    """
    eligible = candidates.look(np.flatnonzero(within).tolist())
    tellers = {candidate.story.teller for candidate in eligible}
    if len(tellers) == 1 and not any(_copes(candidate) for candidate in eligible):
        return []
    ranked = sorted(
        eligible,
        key=lambda candidate: (
            not _copes(candidate),
            -worth.of(candidate),
            lot(worth.viewer.person, candidate.story.key),
        ),
    )
    firsts = [next(one for one in ranked if one.story.teller == teller) for teller in sorted(tellers)]
    others = [candidate for candidate in ranked if candidate not in firsts]
    shown = [*firsts, *others][:MIN_TELLERS]
    return [_item(candidate, worth, 1.0) for candidate in ranked if candidate in shown]


def _copes(candidate: Candidate) -> bool:
    return candidate.story.model_kind == RoleModelKind.COPING
