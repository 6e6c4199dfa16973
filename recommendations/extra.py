"""One more story beside the slate: by chance, or by somebody unlike the viewer. The same gates hold for both.

A how-to is never shown alone, because without company it discourages; so both are coping stories. Neither enters the
log that matched and random slates are compared by.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from secrets import choice

import numpy as np

from challenges.models import Reading
from matching import Explanation, apply_gates
from matching.engines.contract import Floats, Rows
from recommendations import explanations, inputs
from recommendations.slates import get_or_create_slate
from stories.models import Story

# Of the most unlike so many are drawn from, so that asking again shows somebody else.
LEAST_SIMILAR_POOL = 3


class ExtraStoryMode(StrEnum):
    """How one more story is picked."""

    RANDOM = "by-chance"
    DISSIMILAR = "unlike-you"


@dataclass(frozen=True)
class ExtraStory:
    """A story beside the slate, with the same words about likeness and difference as on it."""

    story: Story
    explanation: Explanation


def pick_extra_story(reading: Reading, mode: ExtraStoryMode, *, now: datetime) -> ExtraStory | None:
    """Return one more story for whoever stands where this reading says; None if the slate has all there are."""
    basis, viewer = inputs.load_slate_inputs(reading, now=now), reading.person
    field = inputs.load_candidates(basis)
    within, _ = apply_gates(field.candidates, field.viewer)
    crowd = field.candidates.story_table
    on_slate = crowd.mask_of_keys(
        get_or_create_slate(reading, now=now).items.values_list("story_id", flat=True)
    )
    left = np.flatnonzero(within & crowd.is_coping & ~on_slate)
    if not len(left):
        return None
    chosen = field.scores.explained_matches(
        [crowd.keys[_choose_row(left, field.candidates.similarity, mode)]]
    )
    story = (
        Story.objects.visible_to(viewer)
        .with_card_relations()
        .filter(pk__in=[one.match.key for one in chosen])
        .first()
    )
    return None if story is None else ExtraStory(story, explanations.explain_matches(chosen, basis)[story.pk])


def _choose_row(left: Rows, similarity: Floats, how: ExtraStoryMode) -> int:
    match how:
        case ExtraStoryMode.RANDOM:
            return int(choice(left))
        case ExtraStoryMode.DISSIMILAR:
            return int(choice(left[np.argsort(similarity[left], kind="stable")][:LEAST_SIMILAR_POOL]))
