"""The policy that turns matches into the few stories shown together, and says how likely each one was.

Nine slates in ten are composed for the viewer; one in ten is random within the same gates, because only a comparison
with chance can show that matching helps. Which of the two, and the draw itself, come from a seed that the caller
derives from viewer, challenge and day, so a slate can always be made again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from matching.draw import TELLERS, Pool, Shape, chance, draw, pool_of, shape_of
from matching.eligibility import (
    ModelKind,
    Outcome,
    Refusal,
    StoryFacts,
    ViewerFacts,
    confidence_needed,
    highest_end,
    refusal,
)
from matching.engines.contract import Key
from matching.relevance import Adjustment, Candidate, Diversity, Evidence, Worth, lot, shortlist
from matching.traits import TraitCatalogue

__all__ = [
    "Adjustment",
    "Arm",
    "Candidate",
    "Evidence",
    "ModelKind",
    "Outcome",
    "Refusal",
    "Slate",
    "SlateItem",
    "SlatePolicy",
    "StoryFacts",
    "ViewerFacts",
    "confidence_needed",
    "highest_end",
    "refusal",
    "slate_seed",
    "within_gates",
]

VERSION = "slate-2"
SMALLEST, LARGEST = 4, 6


class Arm(StrEnum):
    """How a slate came about."""

    MATCHED = "matched"
    RANDOM = "random"
    # Fewer than three tellers: nothing is left to draw from.
    SCARCE = "scarce"


@dataclass(frozen=True)
class SlateItem:
    """One story of a slate; `propensity` is its chance of being in it, over the policy's own randomness."""

    key: Key
    similarity: float
    adjustments: tuple[Adjustment, ...]
    propensity: float


@dataclass(frozen=True)
class Slate:
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

    items: tuple[SlateItem, ...]
    arm: Arm
    short: bool
    eligible: int
    refused: Mapping[Refusal, int]
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
        if not (SMALLEST <= size <= LARGEST and 0 <= exploration <= 1 and 0 <= diversity <= 1):
            raise ValueError("size must be 4 to 6, exploration and diversity 0 to 1")
        self.catalogue = catalogue
        self.size = size
        self.exploration = exploration
        self.diversity = diversity
        self._diversity = Diversity(catalogue, share=diversity)

    @property
    def version(self) -> str:
        return f"{VERSION} size={self.size} exploration={self.exploration:g} diversity={self.diversity:g}"

    def compose(
        self,
        candidates: Iterable[Candidate],
        *,
        viewer: ViewerFacts,
        seed: int,
        less_like: Sequence[Candidate] = (),
    ) -> Slate:
        """Choose and order the stories for one viewer.

        Parameters
        ----------
        candidates
            Every published story of the challenge, not only the best matches: the random slice draws from all that
            pass the gates, which are asked here whether or not the caller asked them before.
        seed
            From `slate_seed`.
        less_like
            Stories of which the viewer wants fewer; what resembles them moves down a little.
        """
        eligible, refused = within_gates(candidates, viewer)
        pool = pool_of(candidate.story for candidate in eligible.values())
        worth = Worth(viewer, self._diversity.likeness, less_like)
        if pool.tellers < TELLERS:
            arm, shown = Arm.SCARCE, _all_there(list(eligible.values()), worth)
            odds = dict.fromkeys(shown, 1.0)
        else:
            arm, shown, odds = self._chosen(eligible, pool, worth, seed)
        items = tuple(
            SlateItem(key, eligible[key].similarity, worth.adjustments(eligible[key]), odds[key])
            for key in shown
        )
        return Slate(items, arm, arm is Arm.SCARCE, len(eligible), refused, self.version, seed)

    def _chosen(
        self, eligible: Mapping[Key, Candidate], pool: Pool, worth: Worth, seed: int
    ) -> tuple[Arm, list[Key], dict[Key, float]]:
        """Toss the coin, and give each story's chance: its part in the draw, plus its part in the matched slate."""
        shape = shape_of(pool, size=self.size)
        matched = self._matched(eligible, pool, worth, shape)
        rng = np.random.default_rng(seed)
        arm, shown = Arm.MATCHED, matched
        if rng.random() < self.exploration:
            arm, shown = Arm.RANDOM, [story.key for story in draw(pool, shape, rng=rng)]
        odds = {key: self.exploration * chance(pool, shape, eligible[key].story) for key in shown}
        for key in odds.keys() & set(matched):
            odds[key] += 1 - self.exploration
        return arm, shown, odds

    def _matched(
        self, eligible: Mapping[Key, Candidate], pool: Pool, worth: Worth, shape: Shape
    ) -> list[Key]:
        picked: list[Candidate] = []
        for by_teller, count in ((pool.coping, shape.coping), (pool.mastery, shape.mastery)):
            taken = {candidate.story.teller for candidate in picked}
            free = [
                eligible[story.key]
                for teller, stories in by_teller.items()
                if teller not in taken
                for story in stories
            ]
            nearest = shortlist(free, viewer=worth.viewer)
            worths = {candidate.story.key: worth.of(candidate) for candidate in nearest}
            picked += self._diversity.pick(nearest, count=count, beside=picked, worths=worths)
        return [candidate.story.key for candidate in picked]


def within_gates(
    candidates: Iterable[Candidate], viewer: ViewerFacts
) -> tuple[dict[Key, Candidate], dict[Refusal, int]]:
    """Give the stories that may be shown to this viewer, and how many may not, by reason."""
    eligible: dict[Key, Candidate] = {}
    refused: Counter[Refusal] = Counter()
    for candidate in candidates:
        reason = refusal(viewer, candidate.story, similarity=candidate.similarity)
        if reason is None:
            eligible[candidate.story.key] = candidate
        else:
            refused[reason] += 1
    return eligible, dict(refused)


def _all_there(eligible: list[Candidate], worth: Worth) -> list[Key]:
    """Give up to three stories by the one or two tellers there are, both heard if there are two, coping first.

    A lone teller who only shows mastery is kept back: on its own such a story discourages.
    """
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
    shown = [*firsts, *others][:TELLERS]
    return [candidate.story.key for candidate in ranked if candidate in shown]


def _copes(candidate: Candidate) -> bool:
    return candidate.story.model_kind == ModelKind.COPING
