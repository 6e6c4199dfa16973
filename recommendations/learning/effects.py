"""Estimates how confidence changes after each story, by the viewer's rung; re-ranking uses the estimates."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

from django.db import transaction

from recommendations.learning.training_data import ViewerReport, confidence_reports
from recommendations.models import StoryEffect
from stories.models import Story


def recompute_story_effects() -> int:
    """Recompute from all readings; return the row count. Takes seconds, so it runs in a worker."""
    reports = confidence_reports()
    stories = Story.objects.filter(pk__in={report.story for report in reports})
    challenge_by_story = dict(stories.values_list("pk", "challenge_id"))
    with transaction.atomic():
        StoryEffect.objects.all().delete()
        effects = StoryEffect.objects.bulk_create(_story_effects(reports, challenge_by_story))
    return len(effects)


def _story_effects(
    reports: Iterable[ViewerReport], challenge_by_story: Mapping[uuid.UUID, int]
) -> list[StoryEffect]:
    """Average the latest gain of each viewer, so that every viewer counts once per story."""
    gains_by_challenge: dict[int, list[float]] = defaultdict(list)
    gains_by_story: dict[tuple[uuid.UUID, int], dict[uuid.UUID, float]] = defaultdict(dict)
    for report in reports:
        gains_by_challenge[challenge_by_story[report.story]].append(report.value)
        gains_by_story[report.story, report.present_rung][report.viewer] = report.value
    mean_gains = {challenge: fmean(gains) for challenge, gains in gains_by_challenge.items()}
    return [
        StoryEffect(
            story_id=story,
            present_rung=rung,
            gain=fmean(gain_by_viewer.values()) - mean_gains[challenge_by_story[story]],
            viewers=len(gain_by_viewer),
        )
        for (story, rung), gain_by_viewer in gains_by_story.items()
    ]
