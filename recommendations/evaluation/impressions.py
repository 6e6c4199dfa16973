"""Read the log of what was shown: which lists, with which chances, and what viewers reported afterwards."""

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
    """One story in a list."""

    story: uuid.UUID
    teller: uuid.UUID
    score: float
    propensity: float


@dataclass(frozen=True)
class SlateImpression:
    """One list, and how sure its viewer was when it was composed (mean over the ladder)."""

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
    """One "this person is like me" about a story that came in a list."""

    slate: uuid.UUID
    viewer: uuid.UUID
    story: uuid.UUID
    score: float
    like_me: float


def load_impressions(*, since: datetime) -> list[SlateImpression]:
    """Return every list since then, without made-up stories, oldest first."""
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
            slate, viewer, challenge, arm, exploration_rate(policy), at, float(before or 0), tuple(items)
        )
        for (slate, viewer, challenge, arm, policy, at, before), group in groupby(
            rows, key=lambda row: row[:7]
        )
        for items in [[ShownStory(*row[7:]) for row in group]]
    ]


def exploration_rate(policy_version: str) -> float:
    """Return the share of random lists under a policy, which its version names."""
    found = EXPLORATION_PATTERN.search(policy_version)
    return float(found[1]) if found else 0.0


def load_likeness_ratings(*, since: datetime) -> list[LikenessRating]:
    """Return the latest answer to each story of each list, about stories that may stand in figures."""
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
    lists: Iterable[SlateImpression], answers: Sequence[LikenessRating]
) -> list[LoggedOutcome]:
    """Return each answer with the chances with which either policy would have shown that story."""
    items = {
        (one.slate, item.story): (one, item)
        for one in lists
        if one.arm != ExperimentArm.SCARCE and one.exploration
        for item in one.items
    }
    logged = []
    for answer in answers:
        if (answer.slate, answer.story) in items:
            one, item = items[answer.slate, answer.story]
            matched, random = policy_propensities(item.propensity, exploration=one.exploration)
            logged.append(LoggedOutcome(str(answer.viewer), answer.like_me, item.propensity, matched, random))
    return logged


def policy_propensities(propensity: float, *, exploration: float) -> tuple[float, float]:
    """Take a story's propensity apart: was it in the matched list (1 or 0), and how likely was chance to draw it.

    The propensity is `(1 - exploration) * matched + exploration * drawn`, and exploration is below a half, so that
    which stories were matched can be read from its size.
    """
    matched = float(propensity >= 1 - exploration)
    drawn = (propensity - (1 - exploration) * matched) / exploration
    return matched, min(1.0, max(0.0, drawn))


def confidence_observations(lists: Sequence[SlateImpression]) -> list[LoggedOutcome]:
    """Return how far confidence moved after each list, up to the viewer's next one on the same challenge.

    A list came by the toss of a coin, so its chance is that of its side.
    """
    after = _readings_after(lists)
    logged, until = [], dict[tuple[uuid.UUID, str], datetime]()
    for one in reversed(lists):
        readings = after.get((one.viewer, one.challenge), [])
        end = until.get((one.viewer, one.challenge))
        until[one.viewer, one.challenge] = one.shown_at
        within = [mean for at, mean in readings if one.shown_at <= at and (end is None or at < end)]
        if within and one.arm != ExperimentArm.SCARCE and one.exploration:
            by_chance = one.arm == ExperimentArm.RANDOM
            odds = one.exploration if by_chance else 1 - one.exploration
            logged.append(
                LoggedOutcome(
                    str(one.viewer),
                    within[-1] - one.confidence_before,
                    odds,
                    float(not by_chance),
                    float(by_chance),
                )
            )
    return logged[::-1]


def _readings_after(
    lists: Sequence[SlateImpression],
) -> Mapping[tuple[uuid.UUID, str], list[tuple[datetime, float]]]:
    readings: dict[tuple[uuid.UUID, str], list[tuple[datetime, float]]] = {}
    taken = (
        Reading.objects.filter(moment=ReadingMoment.AFTER, person__in={one.viewer for one in lists})
        .annotate(mean=Avg("ratings__value"))
        .order_by("taken_at", "pk")
        .values_list("person", "challenge__slug", "taken_at", "mean")
    )
    for person, challenge, at, mean in taken:
        readings.setdefault((person, challenge), []).append((at, float(mean)))
    return readings


def viewer_answers(viewers: set[uuid.UUID]) -> dict[uuid.UUID, Answers]:
    rows = Profile.objects.filter(person__in=viewers).values_list("person", "traits")
    return {viewer: parse_stored_answers(traits) for viewer, traits in rows}
