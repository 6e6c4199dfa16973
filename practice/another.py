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
from matching import Explanation, within_gates
from matching.engines.contract import Floats, Rows
from practice import candidates, reasons
from practice.slates import slate_for
from stories.models import Story

# Of the most unlike so many are drawn from, so that asking again shows somebody else.
MOST_UNLIKE = 3


class How(StrEnum):
    """How one more story is picked."""

    BY_CHANCE = "by-chance"
    UNLIKE_YOU = "unlike-you"


@dataclass(frozen=True)
class Another:
    """A story beside the slate, with the same words about likeness and difference as on it."""

    story: Story
    said: Explanation


def pick(reading: Reading, how: How, *, now: datetime) -> Another | None:
    """Return one more story for whoever stands where this reading says; None if the slate has all there are."""
    basis, viewer = candidates.basis_of(reading, now=now), reading.person
    field = candidates.field_for(basis)
    within, _ = within_gates(field.candidates, field.viewer)
    crowd = field.candidates.crowd
    on_slate = crowd.named(slate_for(reading, now=now).items.values_list("story_id", flat=True))
    left = np.flatnonzero(within & crowd.coping & ~on_slate)
    if not len(left):
        return None
    chosen = field.likeness.reasons([crowd.keys[_one_of(left, field.candidates.similarity, how)]])
    story = (
        Story.objects.visible_to(viewer).for_cards().filter(pk__in=[one.match.key for one in chosen]).first()
    )
    return None if story is None else Another(story, reasons.said_of(chosen, basis)[story.pk])


def _one_of(left: Rows, similarity: Floats, how: How) -> int:
    match how:
        case How.BY_CHANCE:
            return int(choice(left))
        case How.UNLIKE_YOU:
            return int(choice(left[np.argsort(similarity[left], kind="stable")][:MOST_UNLIKE]))
