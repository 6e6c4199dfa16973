"""Gather what viewers reported about stories, for figures about many and never about one.

Only stories whose tellers agreed to be counted in research are counted, and no made-up ones. A viewer is taken with the
traits of today: slates do not keep a copy of who somebody was.
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
    """One report by one viewer about one story; `present_rung` is where they stood before, if it was a reading."""

    viewer: uuid.UUID
    story: uuid.UUID
    kind: ReportKind
    value: float
    present_rung: int = 0


@dataclass(frozen=True)
class ViewerTraits:
    """What counts of a viewer: their answers, and what matters to them."""

    answers: Answers
    matters: Mapping[str, float]


def research_stories() -> StoryQuerySet:
    """Return the stories that may stand in figures."""
    return Story.objects.filter(
        made_up=False, consent__withdrawn_at=None, consent__uses__contains=[ConsentUse.RESEARCH]
    )


def training_examples() -> Iterator[TrainingExample]:
    """Yield every report with what the match's score was made of, likeness first."""
    said = [*likeness_reports(), *confidence_reports()]
    people = viewer_traits({one.viewer for one in said})
    rows = research_stories().values_list("pk", "teller", "challenge__domain__slug", "traits_then")
    stories = {pk: (teller, domain, parse_stored_answers(traits)) for pk, teller, domain, traits in rows}
    tellers = Story.objects.open_to_members().values_list("traits_then", flat=True)
    parts = ContributionCalculator(
        TRAIT_CATALOGUE, [parse_stored_answers(traits) for traits in tellers.iterator()]
    )
    for one in said:
        person = people.get(one.viewer)
        if person is not None and person.answers:
            teller, domain, then = stories[one.story]
            made_of = parts.calculate_contributions(person.answers, then, viewer_weights=person.matters)
            yield TrainingExample(str(one.viewer), str(teller), domain, one.kind, made_of, one.value)


def likeness_reports() -> list[ViewerReport]:
    """Return each viewer's latest "this person is like me" about each story."""
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
    """Return how far confidence moved (points of 100) wherever just one story was watched between two readings.

    Where there were several, nobody can tell which of them it was.
    """
    watched = _viewings_by_viewer()
    taken = (
        Reading.objects.annotate(mean=Avg("ratings__value"))
        .order_by("person", "challenge", "taken_at", "pk")
        .values_list("person", "challenge", "moment", "taken_at", "mean", "present_rung")
    )
    counted = set(research_stories().values_list("pk", flat=True))
    said = []
    for (viewer, challenge), readings in groupby(taken, key=lambda row: row[:2]):
        of_challenge = watched.get((viewer, challenge), [])
        before: tuple[datetime, float, int] | None = None
        for *_, moment, at, mean, present_rung in readings:
            if before is not None and moment == ReadingMoment.AFTER:
                between = {story for story, started in of_challenge if before[0] <= started <= at}
                said += [
                    ViewerReport(viewer, story, ReportKind.CONFIDENCE, float(mean) - before[1], before[2])
                    for story in between & counted
                    if len(between) == 1
                ]
            before = (at, float(mean), present_rung)
    return said


def viewer_traits(viewers: set[uuid.UUID]) -> dict[uuid.UUID, ViewerTraits]:
    rows = Profile.objects.filter(person__in=viewers).values_list("person", "traits", "matters")
    return {
        viewer: ViewerTraits(
            parse_stored_answers(traits), {key: own for key, own in matters.items() if key in TRAIT_CATALOGUE}
        )
        for viewer, traits, matters in rows
    }


def _viewings_by_viewer() -> dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]]:
    watched: dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]] = {}
    rows = Viewing.objects.values_list("viewer", "story__challenge", "story", "started_at")
    for viewer, challenge, story, started in rows:
        watched.setdefault((viewer, challenge), []).append((story, started))
    return watched
