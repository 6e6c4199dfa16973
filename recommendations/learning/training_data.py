"""Loads training data: what viewers reported about stories.

It contains only stories whose tellers consented to research, and no made-up stories. Viewers have their present
answers, because slates do not store a copy of them.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Avg

from accounts.models import ConsentUse, Profile
from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from challenges.models import Reading, ReadingMoment
from matching.learning.contributions import ContributionCalculator
from matching.learning.training_set import ReportKind, TrainingExample
from matching.traits import Answers
from practice.models import Viewing
from stories.models import Story, StoryQuerySet


@dataclass(frozen=True)
class ViewerReport:
    """One report by one viewer about one story; `present_rung` is their rung before a confidence report, else 0."""

    viewer: uuid.UUID
    story: uuid.UUID
    kind: ReportKind
    value: float
    present_rung: int = 0


@dataclass(frozen=True)
class ViewerTraits:
    """A viewer's answers, and their own weights."""

    answers: Answers
    matters: Mapping[str, float]


def research_stories() -> StoryQuerySet:
    """Return the stories that figures may include."""
    return Story.objects.filter(
        made_up=False, consent__withdrawn_at=None, consent__uses__contains=[ConsentUse.RESEARCH]
    )


def training_examples() -> Iterator[TrainingExample]:
    """Yield every report with the contributions of the traits to the score, likeness reports first."""
    reports = [*likeness_reports(), *confidence_reports()]
    traits_by_viewer = viewer_traits({report.viewer for report in reports})
    rows = research_stories().values_list("pk", "teller", "challenge__domain__slug", "traits_then")
    stories = {pk: (teller, domain, parse_stored_answers(traits)) for pk, teller, domain, traits in rows}
    open_stories = Story.objects.open_to_members().values_list("traits_then", flat=True)
    calculator = ContributionCalculator(
        TRAIT_CATALOGUE, [parse_stored_answers(traits) for traits in open_stories.iterator()]
    )
    for report in reports:
        viewer = traits_by_viewer.get(report.viewer)
        if viewer is not None and viewer.answers:
            teller, domain, then_answers = stories[report.story]
            contributions = calculator.calculate_contributions(
                viewer.answers, then_answers, viewer_weights=viewer.matters
            )
            yield TrainingExample(
                str(report.viewer), str(teller), domain, report.kind, contributions, report.value
            )


def likeness_reports() -> list[ViewerReport]:
    """Return each viewer's latest answer to "this person is like me" about each story."""
    answered = Viewing.objects.filter(like_me__isnull=False, story__in=research_stories()).order_by(
        "started_at"
    )
    latest = {
        (viewer, story): answer
        for viewer, story, answer in answered.values_list("viewer", "story", "like_me")
    }
    return [
        ViewerReport(viewer, story, ReportKind.LIKENESS, float(answer or 0))
        for (viewer, story), answer in latest.items()
    ]


def confidence_reports() -> list[ViewerReport]:
    """Return changes of confidence (points of 100) between two readings with exactly one story watched in between.

    With several stories, the change cannot be attributed to one of them.
    """
    viewings = _viewings_by_viewer()
    all_readings = (
        Reading.objects.annotate(mean=Avg("ratings__value"))
        .order_by("person", "challenge", "taken_at", "pk")
        .values_list("person", "challenge", "moment", "taken_at", "mean", "present_rung")
    )
    research = set(research_stories().values_list("pk", flat=True))
    reports = []
    for (viewer, challenge), readings in groupby(all_readings, key=lambda row: row[:2]):
        viewings_on_challenge = viewings.get((viewer, challenge), [])
        before: tuple[datetime, float, int] | None = None
        for *_, moment, taken_at, mean, present_rung in readings:
            if before is not None and moment == ReadingMoment.AFTER:
                watched = {
                    story
                    for story, started_at in viewings_on_challenge
                    if before[0] <= started_at <= taken_at
                }
                reports += [
                    ViewerReport(viewer, story, ReportKind.CONFIDENCE, float(mean) - before[1], before[2])
                    for story in watched & research
                    if len(watched) == 1
                ]
            before = (taken_at, float(mean), present_rung)
    return reports


def viewer_traits(viewers: set[uuid.UUID]) -> dict[uuid.UUID, ViewerTraits]:
    rows = Profile.objects.filter(person__in=viewers).values_list("person", "traits", "matters")
    return {
        viewer: ViewerTraits(
            parse_stored_answers(traits),
            {key: weight for key, weight in matters.items() if key in TRAIT_CATALOGUE},
        )
        for viewer, traits, matters in rows
    }


def _viewings_by_viewer() -> dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]]:
    viewings: dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]] = {}
    rows = Viewing.objects.values_list("viewer", "story__challenge", "story", "started_at")
    for viewer, challenge, story, started_at in rows:
        viewings.setdefault((viewer, challenge), []).append((story, started_at))
    return viewings
