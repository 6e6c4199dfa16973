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
from accounts.traits import CATALOGUE, read
from challenges.models import Moment, Reading
from matching.learning.evidence import Kind, Told
from matching.learning.parts import Parts
from matching.traits import Answers
from practice.models import Viewing
from stories.models import Stories, Story


@dataclass(frozen=True)
class Said:
    """One report by one viewer about one story; `present_rung` is where they stood before, if it was a reading."""

    viewer: uuid.UUID
    story: uuid.UUID
    kind: Kind
    value: float
    present_rung: int = 0


@dataclass(frozen=True)
class Person:
    """What counts of a viewer: their answers, and what matters to them."""

    answers: Answers
    matters: Mapping[str, float]


def countable() -> Stories:
    """Return the stories that may stand in figures."""
    return Story.objects.filter(
        made_up=False, consent__withdrawn_at=None, consent__uses__contains=[ConsentUse.RESEARCH]
    )


def told() -> Iterator[Told]:
    """Yield every report with what the match's score was made of, likeness first."""
    said = [*likeness_said(), *confidence_said()]
    people = people_of({one.viewer for one in said})
    rows = countable().values_list("pk", "teller", "challenge__domain__slug", "traits_then")
    stories = {pk: (teller, domain, read(traits)) for pk, teller, domain, traits in rows}
    tellers = Story.objects.open_to_members().values_list("traits_then", flat=True)
    parts = Parts(CATALOGUE, [read(traits) for traits in tellers.iterator()])
    for one in said:
        person = people.get(one.viewer)
        if person is not None and person.answers:
            teller, domain, then = stories[one.story]
            made_of = parts.of(person.answers, then, own=person.matters)
            yield Told(str(one.viewer), str(teller), domain, one.kind, made_of, one.value)


def likeness_said() -> list[Said]:
    """Return each viewer's latest "this person is like me" about each story."""
    answered = Viewing.objects.filter(like_me__isnull=False, story__in=countable()).order_by("started_at")
    latest = {
        (viewer, story): answer
        for viewer, story, answer in answered.values_list("viewer", "story", "like_me")
    }
    return [
        Said(viewer, story, Kind.LIKENESS, float(answer or 0)) for (viewer, story), answer in latest.items()
    ]


def confidence_said() -> list[Said]:
    """Return how far confidence moved (points of 100) wherever just one story was watched between two readings.

    Where there were several, nobody can tell which of them it was.
    """
    watched = _watched_by_viewer()
    taken = (
        Reading.objects.annotate(mean=Avg("ratings__value"))
        .order_by("person", "challenge", "taken_at", "pk")
        .values_list("person", "challenge", "moment", "taken_at", "mean", "present_rung")
    )
    counted = set(countable().values_list("pk", flat=True))
    said = []
    for (viewer, challenge), readings in groupby(taken, key=lambda row: row[:2]):
        of_challenge = watched.get((viewer, challenge), [])
        before: tuple[datetime, float, int] | None = None
        for *_, moment, at, mean, present_rung in readings:
            if before is not None and moment == Moment.AFTER:
                between = {story for story, started in of_challenge if before[0] <= started <= at}
                said += [
                    Said(viewer, story, Kind.CONFIDENCE, float(mean) - before[1], before[2])
                    for story in between & counted
                    if len(between) == 1
                ]
            before = (at, float(mean), present_rung)
    return said


def people_of(viewers: set[uuid.UUID]) -> dict[uuid.UUID, Person]:
    rows = Profile.objects.filter(person__in=viewers).values_list("person", "traits", "matters")
    return {
        viewer: Person(read(traits), {key: own for key, own in matters.items() if key in CATALOGUE})
        for viewer, traits, matters in rows
    }


def _watched_by_viewer() -> dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]]:
    watched: dict[tuple[uuid.UUID, int], list[tuple[uuid.UUID, datetime]]] = {}
    rows = Viewing.objects.values_list("viewer", "story__challenge", "story", "started_at")
    for viewer, challenge, story, started in rows:
        watched.setdefault((viewer, challenge), []).append((story, started))
    return watched
