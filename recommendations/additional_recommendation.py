"""Picks one additional recommendation beside the slate: a random one, or one by a teller unlike the viewer.

It passes the same gates. It is always a coping story, because a mastery story shown alone discourages. It does not
count in the comparison between matched and random slates.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from secrets import choice

import numpy as np

from challenges.models import Reading
from matching.engine_contract import Floats, Rows
from matching.explanations import Explanation
from matching.gates import apply_gates
from recommendations import explanations
from recommendations.inputs import build_candidate_set, collect_slate_inputs
from recommendations.slates import get_or_create_slate
from stories.models import Story

# One of the three least similar is chosen at random, so that a second request shows another teller.
LEAST_SIMILAR = 3


class AdditionalRecommendationMode(StrEnum):
    RANDOM = "by-chance"
    DISSIMILAR = "unlike-you"


@dataclass(frozen=True)
class AdditionalRecommendation:
    """A story beside the slate, explained as on the slate."""

    story: Story
    explanation: Explanation


def pick_additional_recommendation(
    reading: Reading, mode: AdditionalRecommendationMode, *, now: datetime
) -> AdditionalRecommendation | None:
    """Return a story for a reading from `reading_for_slate`, or None if the slate has every eligible story."""
    inputs = collect_slate_inputs(reading, now=now)
    candidate_set = build_candidate_set(inputs)
    stories, similarity = candidate_set.candidates.story_table, candidate_set.candidates.similarity
    passes_gates, _ = apply_gates(candidate_set.candidates, candidate_set.viewer)
    on_slate = stories.mask_of_keys(
        get_or_create_slate(reading, now=now).items.values_list("story_id", flat=True)
    )
    eligible = np.flatnonzero(passes_gates & stories.is_coping & ~on_slate)
    if not len(eligible):
        return None
    key = stories.keys[_choose_row(eligible, similarity, mode)]
    story = Story.objects.visible_to(reading.person).with_card_relations().filter(pk=key).first()
    ranked = candidate_set.story_scores.explained_matches([key])
    if story is None or not ranked:  # withdrawn during this request
        return None
    explanations_by_story = explanations.explain_matches(
        ranked, inputs, shown_traits={story.pk: story.shown_traits}
    )
    return AdditionalRecommendation(story, explanations_by_story[story.pk])


def _choose_row(eligible: Rows, similarity: Floats, mode: AdditionalRecommendationMode) -> int:
    match mode:
        case AdditionalRecommendationMode.RANDOM:
            return int(choice(eligible))
        case AdditionalRecommendationMode.DISSIMILAR:
            least_similar_first = eligible[np.argsort(similarity[eligible], kind="stable")]
            return int(choice(least_similar_first[:LEAST_SIMILAR]))
