"""Which stories were followed by a gain in confidence, and for whom: reckoned by a job, used a little in choosing."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

from django.db import transaction

from recommendations.learning.training_data import ViewerReport, confidence_reports
from recommendations.models import StoryEffect
from stories.models import Story


def recompute_story_effects() -> int:
    """Reckon anew from all readings; return how many rows that made. Takes seconds: for workers."""
    said = confidence_reports()
    challenges = dict(
        Story.objects.filter(pk__in={one.story for one in said}).values_list("pk", "challenge_id")
    )
    with transaction.atomic():
        StoryEffect.objects.all().delete()
        made = StoryEffect.objects.bulk_create(_story_effects(said, challenges))
    return len(made)


def _story_effects(said: Iterable[ViewerReport], challenges: Mapping[uuid.UUID, int]) -> list[StoryEffect]:
    """Take each viewer's latest gain with a story, so that nobody counts twice."""
    by_challenge: dict[int, list[float]] = defaultdict(list)
    by_story: dict[tuple[uuid.UUID, int], dict[uuid.UUID, float]] = defaultdict(dict)
    for one in said:
        by_challenge[challenges[one.story]].append(one.value)
        by_story[one.story, one.present_rung][one.viewer] = one.value
    usual = {challenge: fmean(values) for challenge, values in by_challenge.items()}
    return [
        StoryEffect(
            story_id=story,
            present_rung=rung,
            gain=fmean(by_viewer.values()) - usual[challenges[story]],
            viewers=len(by_viewer),
        )
        for (story, rung), by_viewer in by_story.items()
    ]
