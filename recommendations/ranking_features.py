"""Loads details of stories that change too often for the search table."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from matching.records import StoryEffectEvidence

NO_EVIDENCE = StoryEffectEvidence()
# Viewers on this viewer's rung or a neighbouring one count as similar.
NEIGHBOURING_RUNGS = 1

# The mean gain weighs each rung by its viewers.
DETAILS = """
select story.id, story.shown_traits, viewings.count, effect.gain, effect.viewers
from stories_story story
cross join lateral (select count(*) from practice_viewing where story_id = story.id) viewings
cross join lateral (
    select sum(gain * viewers) / sum(viewers) as gain, sum(viewers) as viewers
    from practice_benefit
    where story_id = story.id and present_rung between %(lowest_rung)s and %(highest_rung)s
) effect
where story.id = any(%(stories)s)
"""


@dataclass(frozen=True)
class StoryFeatures:
    """Details of one story.

    Attributes
    ----------
    shown_traits
        The traits that the teller agreed to show.
    effect
        How confidence changed after this story, among viewers on the same or a neighbouring rung.
    """

    shown_traits: Collection[str] = ()
    viewing_count: int = 0
    effect: StoryEffectEvidence = NO_EVIDENCE


def load_story_features(
    stories: Collection[uuid.UUID], *, present_rung: int
) -> Mapping[uuid.UUID, StoryFeatures]:
    """Return details by story (one statement), without stories that no longer exist."""
    bounds = {
        "lowest_rung": present_rung - NEIGHBOURING_RUNGS,
        "highest_rung": present_rung + NEIGHBOURING_RUNGS,
    }
    with connection.cursor() as cursor:
        cursor.execute(DETAILS, {"stories": list(stories), **bounds})
        return {
            key: StoryFeatures(
                shown_traits,
                viewing_count,
                StoryEffectEvidence(gain, int(viewers)) if viewers else NO_EVIDENCE,
            )
            for key, shown_traits, viewing_count, gain, viewers in cursor
        }
