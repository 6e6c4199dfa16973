"""Loads the impression log: slates with their propensities, and what viewers reported afterwards."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Avg

from accounts.models import Profile
from accounts.traits.catalogue import parse_stored_answers
from challenges.models import Reading, ReadingMoment
from matching.evaluation.off_policy import LoggedOutcome
from matching.traits import Answers
from practice.models import ExperimentArm, SlateItem, Viewing
from recommendations.learning.training_data import research_stories

EXPLORATION_PATTERN = re.compile(r"exploration=([0-9.]+)")


@dataclass(frozen=True)
class ShownStory:
    story: uuid.UUID
    teller: uuid.UUID
    score: float
    propensity: float


@dataclass(frozen=True)
class SlateImpression:
    """One slate; `confidence_before` is the viewer's mean rating when it was composed."""

    slate: uuid.UUID
    viewer: uuid.UUID
    challenge: str
    arm: str
    exploration: float
    shown_at: datetime
    confidence_before: float
    items: tuple[ShownStory, ...]


@dataclass(frozen=True)
class LikenessRating:
    """One answer to "this person is like me" about a story on a slate."""

    slate: uuid.UUID
    viewer: uuid.UUID
    story: uuid.UUID
    score: float
    like_me: float


def load_impressions(*, since: datetime) -> list[SlateImpression]:
    """Return the slates since then, without made-up stories, oldest first."""
    rows = (
        SlateItem.objects.filter(slate__created_at__gte=since, story__made_up=False)
        .annotate(before=Avg("slate__reading__ratings__value"))
        .order_by("slate__created_at", "slate", "position")
        .values_list(
            "slate",
            "slate__viewer",
            "slate__challenge__slug",
            "slate__arm",
            "slate__policy_version",
            "slate__created_at",
            "before",
            "story",
            "story__teller",
            "score",
            "propensity",
        )
    )
    return [
        SlateImpression(
            slate,
            viewer,
            challenge,
            arm,
            exploration_rate(policy),
            shown_at,
            float(before or 0),
            tuple(items),
        )
        for (slate, viewer, challenge, arm, policy, shown_at, before), group in groupby(
            rows, key=lambda row: row[:7]
        )
        for items in [[ShownStory(*row[7:]) for row in group]]
    ]


def exploration_rate(policy_version: str) -> float:
    """Parse the share of random slates from a policy's version."""
    match = EXPLORATION_PATTERN.search(policy_version)
    return float(match[1]) if match else 0.0


def load_likeness_ratings(*, since: datetime) -> list[LikenessRating]:
    """Return the latest answer about each story of each slate, for stories that figures may include."""
    answered = Viewing.objects.filter(
        like_me__isnull=False, slate__created_at__gte=since, story__in=research_stories()
    ).order_by("started_at")
    latest = {
        (slate, story): (viewer, like_me)
        for slate, viewer, story, like_me in answered.values_list("slate", "viewer", "story", "like_me")
    }
    scores = SlateItem.objects.filter(slate__in={slate for slate, _ in latest})
    return [
        LikenessRating(slate, latest[slate, story][0], story, score, float(latest[slate, story][1] or 0))
        for slate, story, score in scores.order_by("slate", "position").values_list("slate", "story", "score")
        if (slate, story) in latest
    ]


def likeness_observations(
    impressions: Iterable[SlateImpression], ratings: Sequence[LikenessRating]
) -> list[LoggedOutcome]:
    """Return each rating with the propensities of the story under the matched and the random policy."""
    shown_stories = {
        (impression.slate, item.story): (impression, item)
        for impression in impressions
        if impression.arm != ExperimentArm.SCARCE and impression.exploration
        for item in impression.items
    }
    outcomes = []
    for rating in ratings:
        if (rating.slate, rating.story) in shown_stories:
            impression, item = shown_stories[rating.slate, rating.story]
            matched, random = policy_propensities(item.propensity, exploration=impression.exploration)
            outcomes.append(
                LoggedOutcome(str(rating.viewer), rating.like_me, item.propensity, matched, random)
            )
    return outcomes


def policy_propensities(propensity: float, *, exploration: float) -> tuple[float, float]:
    """Return a story's propensity under the matched policy (1 or 0) and under the random policy.

    The stored propensity is `(1 - exploration) * matched + exploration * random`. Exploration is below 0.5, so the
    size of the propensity shows whether the story was matched.
    """
    matched = float(propensity >= 1 - exploration)
    random = (propensity - (1 - exploration) * matched) / exploration
    return matched, min(1.0, max(0.0, random))


def confidence_observations(impressions: Sequence[SlateImpression]) -> list[LoggedOutcome]:
    """Return the change of confidence after each slate, up to the viewer's next slate on the same challenge.

    The arm of a slate is random, so its propensity is the probability of its arm.
    """
    readings_by_viewer = _readings_after_watching(impressions)
    outcomes, next_shown_at = [], dict[tuple[uuid.UUID, str], datetime]()
    for impression in reversed(impressions):
        key = impression.viewer, impression.challenge
        window_end = next_shown_at.get(key)
        next_shown_at[key] = impression.shown_at
        later_means = [
            mean
            for taken_at, mean in readings_by_viewer.get(key, [])
            if impression.shown_at <= taken_at and (window_end is None or taken_at < window_end)
        ]
        if later_means and impression.arm != ExperimentArm.SCARCE and impression.exploration:
            is_random = impression.arm == ExperimentArm.RANDOM
            outcomes.append(
                LoggedOutcome(
                    str(impression.viewer),
                    later_means[-1] - impression.confidence_before,
                    impression.exploration if is_random else 1 - impression.exploration,
                    float(not is_random),
                    float(is_random),
                )
            )
    return outcomes[::-1]


def _readings_after_watching(
    impressions: Sequence[SlateImpression],
) -> Mapping[tuple[uuid.UUID, str], list[tuple[datetime, float]]]:
    """Return time and mean rating of readings by viewer and challenge, oldest first."""
    readings: dict[tuple[uuid.UUID, str], list[tuple[datetime, float]]] = {}
    viewers = {impression.viewer for impression in impressions}
    rows = (
        Reading.objects.filter(moment=ReadingMoment.AFTER, person__in=viewers)
        .annotate(mean=Avg("ratings__value"))
        .order_by("taken_at", "pk")
        .values_list("person", "challenge__slug", "taken_at", "mean")
    )
    for person, challenge, taken_at, mean in rows:
        readings.setdefault((person, challenge), []).append((taken_at, float(mean)))
    return readings


def viewer_answers(viewers: set[uuid.UUID]) -> dict[uuid.UUID, Answers]:
    rows = Profile.objects.filter(person__in=viewers).values_list("person", "traits")
    return {viewer: parse_stored_answers(traits) for viewer, traits in rows}
