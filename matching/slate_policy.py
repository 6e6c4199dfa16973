"""The slate policy: composes the few stories shown together, with the propensity of each.

Nine slates in ten are matched to the viewer. One in ten is drawn at random from the eligible stories, because only a
comparison with random slates shows whether matching helps. Arm and draw follow from a seed that the caller derives from
viewer, challenge and day, so every slate is reproducible.

The policy reads nothing. Callers build a short list, load the details of the stories on it, and compose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from matching.diversity import MaximalMarginalRelevance
from matching.engine_contract import Key
from matching.gates import ExclusionReason, apply_gates
from matching.keys import stable_hash
from matching.random_slate import (
    MIN_TELLERS,
    EligiblePool,
    SlateShape,
    build_eligible_pool,
    choose_slate_shape,
    draw_probability,
    draw_slate,
)
from matching.records import Candidate, ViewerFacts
from matching.reranking import (
    MAX_SLATE_SIZE,
    SHORTLIST_SIZE,
    ScoreAdjuster,
    ScoreAdjustment,
    best_story_per_teller,
)
from matching.story_table import ScoredStoryTable
from matching.traits import TraitCatalogue

POLICY_VERSION = "slate-3"
MIN_SLATE_SIZE = 4


class SlateArm(StrEnum):
    MATCHED = "matched"
    RANDOM = "random"
    # Fewer than three tellers are eligible, so all are shown.
    SCARCE = "scarce"


@dataclass(frozen=True)
class Shortlist:
    """The stories that one slate is composed from, by their rows in the story table.

    Attributes
    ----------
    rows
        Every story whose details `SlatePolicy.compose_slate` needs, without duplicates.
    coping_rows, mastery_rows
        The most similar stories of each kind, best first, one per teller.
    random_rows
        The random slate in order, or None if the slate is matched.
    """

    viewer: ViewerFacts
    seed: int
    pool: EligiblePool
    eligible_count: int
    excluded_counts: Mapping[ExclusionReason, int]
    rows: Sequence[int]
    coping_rows: Sequence[int] = ()
    mastery_rows: Sequence[int] = ()
    random_rows: Sequence[int] | None = None

    @property
    def arm(self) -> SlateArm:
        if self.pool.teller_count < MIN_TELLERS:
            return SlateArm.SCARCE
        return SlateArm.MATCHED if self.random_rows is None else SlateArm.RANDOM


@dataclass(frozen=True)
class ComposedItem:
    """One story of a slate; `propensity` is the probability that the policy shows it, over all seeds."""

    key: Key
    similarity: float
    adjustments: tuple[ScoreAdjustment, ...]
    propensity: float


@dataclass(frozen=True)
class ComposedSlate:
    """The stories to show, in order, with what off-policy evaluation needs."""

    items: tuple[ComposedItem, ...]
    arm: SlateArm
    eligible_count: int
    excluded_counts: Mapping[ExclusionReason, int]
    version: str
    seed: int

    @property
    def is_scarce(self) -> bool:
        return self.arm is SlateArm.SCARCE


def slate_seed(viewer_key: Key, challenge_key: Key, day: date) -> int:
    """Derive a seed that stays the same all day, on every machine and in every process."""
    return stable_hash(viewer_key, challenge_key, day.isoformat())


class SlatePolicy:
    """Composes slates of three to `size` stories, each by a different teller: coping stories first, mastery last.

    Parameters
    ----------
    size
        The largest number of stories in a slate, from 4 to 6.
    exploration
        The share of random slates.
    diversity
        From 0 (only the adjusted score counts) to 1 (only dissimilarity to the stories already selected counts).
    """

    def __init__(
        self, catalogue: TraitCatalogue, *, size: int = 4, exploration: float = 0.1, diversity: float = 0.3
    ) -> None:
        if not (MIN_SLATE_SIZE <= size <= MAX_SLATE_SIZE and 0 <= exploration <= 1 and 0 <= diversity <= 1):
            raise ValueError("size must be 4 to 6, exploration and diversity 0 to 1")
        self.size = size
        self.exploration = exploration
        self.diversity = diversity
        self._mmr = MaximalMarginalRelevance(catalogue, diversity_weight=diversity)

    @property
    def version(self) -> str:
        return (
            f"{POLICY_VERSION} size={self.size} exploration={self.exploration:g} diversity={self.diversity:g}"
        )

    def build_shortlist(
        self, scored_stories: ScoredStoryTable, *, viewer: ViewerFacts, seed: int
    ) -> Shortlist:
        """Apply the gates, choose the arm, and list the stories whose details `compose_slate` needs.

        `scored_stories` has every published story of the challenge, because a random slate can show any eligible story.
        """
        story_table, similarity = scored_stories.story_table, scored_stories.similarity
        eligible, excluded_counts = apply_gates(scored_stories, viewer)
        pool = build_eligible_pool(story_table, eligible)
        eligible_count = int(np.count_nonzero(eligible))
        if pool.teller_count < MIN_TELLERS:
            rows = np.flatnonzero(eligible).tolist()
            return Shortlist(viewer, seed, pool, eligible_count, excluded_counts, rows)
        coping, mastery = (
            best_story_per_teller(story_table, similarity, kind.story_mask, viewer=viewer)
            for kind in (pool.coping, pool.mastery)
        )
        rng = np.random.default_rng(seed)
        is_random = rng.random() < self.exploration
        drawn = draw_slate(pool, choose_slate_shape(pool, size=self.size), rng=rng) if is_random else None
        rows = list(dict.fromkeys([*coping, *mastery, *(drawn or [])]))
        return Shortlist(viewer, seed, pool, eligible_count, excluded_counts, rows, coping, mastery, drawn)

    def compose_slate(
        self, shortlist: Shortlist, stories: Sequence[Candidate], *, less_like: Sequence[Candidate] = ()
    ) -> ComposedSlate:
        """Choose and order the stories of one slate.

        Parameters
        ----------
        stories
            The details of `shortlist.rows`, in that order.
        less_like
            Stories that the viewer marked "less like this"; similar stories move down a little.
        """
        adjuster = ScoreAdjuster(shortlist.viewer, self._mmr.story_similarity, less_like)
        is_scarce = shortlist.arm is SlateArm.SCARCE
        items = _scarce_items(stories, adjuster) if is_scarce else self._items(shortlist, stories, adjuster)
        return ComposedSlate(
            tuple(items),
            shortlist.arm,
            shortlist.eligible_count,
            shortlist.excluded_counts,
            self.version,
            shortlist.seed,
        )

    def _items(
        self, shortlist: Shortlist, stories: Sequence[Candidate], adjuster: ScoreAdjuster
    ) -> list[ComposedItem]:
        """Return the items of a matched or random slate; each propensity mixes the probabilities of both arms."""
        story_by_row = dict(zip(shortlist.rows, stories, strict=True))
        shape = choose_slate_shape(shortlist.pool, size=self.size)
        matched = self._matched_rows(shortlist, story_by_row, adjuster, shape)
        shown = matched if shortlist.random_rows is None else shortlist.random_rows
        items = []
        for row in shown:
            propensity = self.exploration * draw_probability(shortlist.pool, shape, row)
            if row in matched:
                propensity += 1 - self.exploration
            items.append(_composed_item(story_by_row[row], adjuster, propensity))
        return items

    def _matched_rows(
        self,
        shortlist: Shortlist,
        story_by_row: Mapping[int, Candidate],
        adjuster: ScoreAdjuster,
        shape: SlateShape,
    ) -> list[int]:
        """Select coping stories by score and diversity, then mastery stories by other tellers."""
        selected: list[Candidate] = []
        for rows, count in ((shortlist.coping_rows, shape.coping), (shortlist.mastery_rows, shape.mastery)):
            tellers = {candidate.story.teller for candidate in selected}
            available = [story_by_row[row] for row in rows if story_by_row[row].story.teller not in tellers]
            shortlisted = available[:SHORTLIST_SIZE]
            scores = {candidate.story.key: adjuster.adjusted_score(candidate) for candidate in shortlisted}
            selected += self._mmr.select_diverse(
                shortlisted, count=count, already_selected=selected, scores=scores
            )
        row_by_key = {candidate.story.key: row for row, candidate in story_by_row.items()}
        return [row_by_key[candidate.story.key] for candidate in selected]


def _composed_item(candidate: Candidate, adjuster: ScoreAdjuster, propensity: float) -> ComposedItem:
    return ComposedItem(
        candidate.story.key, candidate.similarity, adjuster.adjustments(candidate), min(1.0, propensity)
    )


def _scarce_items(stories: Sequence[Candidate], adjuster: ScoreAdjuster) -> list[ComposedItem]:
    """Return up to three stories by the one or two eligible tellers, at least one by each, coping first.

    Mastery stories by a single teller are not shown, because such a story on its own discourages.
    """
    tellers = {candidate.story.teller for candidate in stories}
    if len(tellers) == 1 and not any(candidate.is_coping for candidate in stories):
        return []
    ranked = sorted(
        stories,
        key=lambda candidate: (
            not candidate.is_coping,
            -adjuster.adjusted_score(candidate),
            stable_hash(adjuster.viewer.person, candidate.story.key),
        ),
    )
    best_by_teller = [
        next(candidate for candidate in ranked if candidate.story.teller == teller)
        for teller in sorted(tellers)
    ]
    others = [candidate for candidate in ranked if candidate not in best_by_teller]
    shown = [*best_by_teller, *others][:MIN_TELLERS]
    return [_composed_item(candidate, adjuster, 1.0) for candidate in ranked if candidate in shown]
