"""Every published story of a challenge as it looks to one viewer, and what the gates need to know of that viewer."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count

from accounts.models import Profile
from accounts.traits import read
from challenges.models import Reading
from matching import Candidate, Evidence, StoryFacts, ViewerFacts
from matching.text import with_words
from practice import benefit, contrast, weights, wording
from practice.enrolling import facts_of
from practice.index import Asked, Ranked, index_in_use
from practice.models import HiddenTeller, LessLike, SavedStory, Viewing
from stories.models import Story

SEEN_LATELY = timedelta(days=90)
# How many of the latest wishes for fewer of a kind are compared with.
LESS_LIKE_AT_MOST = 5


@dataclass(frozen=True)
class Basis:
    """What a choice of stories rests on: as long as none of it changes, asking again gives the same slate."""

    reading: Reading
    profile: Profile
    weights: int | None
    words: str
    at: datetime

    def digest(self, *, policy: str, catalogue: int = 0) -> str:
        parts = [
            self.reading.pk,
            self.profile.updated_at,
            self.at.date(),
            policy,
            weights.version_of(self.weights),
            catalogue,
            *([self.words] if self.words else []),
        ]
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def basis_of(reading: Reading, *, now: datetime) -> Basis:
    profile = getattr(reading.person, "profile", None) or Profile(person=reading.person)
    return Basis(reading, profile, weights.in_use(reading), wording.words_with(reading), now)


@dataclass(frozen=True)
class Field:
    """All that a slate may be composed from; `ranked` has the matches behind the candidates, by story."""

    viewer: ViewerFacts
    candidates: list[Candidate]
    ranked: Mapping[uuid.UUID, Ranked]
    less_like: list[Candidate]


def field_for(basis: Basis) -> Field:
    """Rank the stories of the reading's challenge for whoever it belongs to."""
    challenge, profile = basis.reading.challenge, basis.profile
    base = weights.base_weights(basis.weights, domain=challenge.domain.slug)
    found = index_in_use().rank(challenge.pk, asked=Asked(profile.traits, profile.matters, base))
    return Field(
        viewer=viewer_facts(basis),
        candidates=_candidates(found, basis),
        ranked={one.match.key: one for one in found},
        less_like=_less_like(basis),
    )


def viewer_facts(basis: Basis) -> ViewerFacts:
    """Return what the gates need to know of a viewer, as plain values."""
    viewer = basis.reading.person
    seen = Viewing.objects.by(viewer).filter(started_at__gte=basis.at - SEEN_LATELY)
    ratings = basis.reading.by_position()
    return ViewerFacts(
        person=viewer.pk,
        challenge=basis.reading.challenge_id,
        present_rung=basis.reading.present_rung,
        ladder_length=len(ratings),
        ratings=ratings,
        muted=frozenset(basis.profile.muted),
        languages=frozenset(basis.profile.languages),
        needs_captions=basis.profile.captions_only,
        hidden_tellers=frozenset(
            HiddenTeller.objects.filter(person=viewer).values_list("teller_id", flat=True)
        ),
        seen_recently=frozenset(seen.values_list("story_id", flat=True)),
        saved=frozenset(SavedStory.objects.filter(person=viewer).values_list("story_id", flat=True)),
        unwanted=frozenset(LessLike.objects.filter(person=viewer).values_list("story_id", flat=True)),
        shaken=contrast.shaken(basis.reading),
    )


def _candidates(found: list[Ranked], basis: Basis) -> list[Candidate]:
    """Give each ranked story its viewings, its nearness to the viewer's words, and what it did for others."""
    challenge = basis.reading.challenge_id
    near = wording.nearness(basis.words)
    known = benefit.evidence_on(challenge, present_rung=basis.reading.present_rung)
    watched = Counter(
        dict(
            Viewing.objects.filter(story__challenge=challenge)
            .values_list("story")
            .annotate(times=Count("pk"))
        )
    )

    def counted(facts: StoryFacts) -> StoryFacts:
        return replace(facts, viewings=watched[facts.key])

    def worded(one: Ranked) -> float:
        return with_words(one.match.score, near.get(str(one.match.key), 0.0), share=wording.SHARE)

    return [
        Candidate(
            counted(one.entry.facts),
            worded(one),
            one.entry.traits,
            known.get(one.match.key, Evidence()),
        )
        for one in found
    ]


def _less_like(basis: Basis) -> list[Candidate]:
    """Return the stories of this challenge of which the viewer lately wanted fewer, as far as they may be seen."""
    viewer = basis.reading.person
    wishes = LessLike.objects.filter(
        person=viewer,
        story__challenge=basis.reading.challenge_id,
        story__in=Story.objects.visible_to(viewer),
    )
    latest = wishes.select_related("story").order_by("-said_at")[:LESS_LIKE_AT_MOST]
    return [Candidate(facts_of(wish.story), 0.0, read(wish.story.traits_then)) for wish in latest]
