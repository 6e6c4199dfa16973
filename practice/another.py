"""One more story beside the slate: by chance, or by somebody unlike the viewer. The same gates hold for both.

A how-to is never shown alone, because without company it discourages; so both are coping stories. Neither enters the
log that matched and random slates are compared by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from secrets import choice

from challenges.models import Reading
from matching import Candidate, Explanation, ModelKind, within_gates
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
    eligible, _ = within_gates(field.candidates, field.viewer)
    on_slate = set(slate_for(reading, now=now).items.values_list("story_id", flat=True))
    left = [
        one
        for key, one in eligible.items()
        if key not in on_slate and one.story.model_kind == ModelKind.COPING
    ]
    if not left:
        return None
    chosen = field.ranked[_one_of(left, how).story.key]
    story = Story.objects.visible_to(viewer).for_cards().filter(pk=chosen.match.key).first()
    return None if story is None else Another(story, reasons.said_of([chosen], basis)[story.pk])


def _one_of(left: Sequence[Candidate], how: How) -> Candidate:
    match how:
        case How.BY_CHANCE:
            return choice(left)
        case How.UNLIKE_YOU:
            return choice(sorted(left, key=lambda one: (one.similarity, one.story.key))[:MOST_UNLIKE])
