"""Every published story of a challenge as it looks to one viewer, and what the gates need to know of that viewer."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count

from accounts.models import Profile
from accounts.traits import read
from challenges.models import Reading
from matching import Candidate, Candidates, Evidence, ViewerFacts
from matching.text import with_words
from practice import benefit, contrast, weights, wording
from practice.enrolling import facts_of
from practice.index import Asked, Likeness, index_in_use
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
    """All that a slate may be composed from; `likeness` knows what the scores of the candidates are made of."""

    viewer: ViewerFacts
    candidates: Candidates
    likeness: Likeness
    less_like: list[Candidate]


def field_for(basis: Basis) -> Field:
    """Compare whoever the reading belongs to with the stories of its challenge."""
    challenge, profile = basis.reading.challenge, basis.profile
    base = weights.base_weights(basis.weights, domain=challenge.domain.slug)
    likeness = index_in_use().likeness(challenge.pk, asked=Asked(profile.traits, profile.matters, base))
    return Field(
        viewer=viewer_facts(basis),
        candidates=_candidates(likeness, basis),
        likeness=likeness,
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


def _candidates(likeness: Likeness, basis: Basis) -> Candidates:
    """Add to scores how near stories come to the viewer's words; what else counts is asked of those looked at."""
    near = wording.nearness(basis.words, likeness.crowd.keys)
    similarity = with_words(likeness.scores, near, share=wording.SHARE)

    def look(places: Sequence[int]) -> list[Candidate]:
        entries = [likeness.entry(place) for place in places]
        keys = [entry.facts.key for entry in entries]
        watched, known = _watched(keys), benefit.evidence_on(keys, present_rung=basis.reading.present_rung)
        return [
            Candidate(
                replace(entry.facts, viewings=watched[entry.facts.key]),
                float(similarity[place]),
                entry.traits,
                known.get(entry.facts.key, Evidence()),
            )
            for place, entry in zip(places, entries, strict=True)
        ]

    return Candidates(likeness.crowd, similarity, look)


def _watched(stories: Collection[uuid.UUID]) -> Counter[uuid.UUID]:
    """Count how often each story was watched."""
    viewings = Viewing.objects.filter(story__in=stories).values_list("story").annotate(times=Count("pk"))
    return Counter(dict(viewings))


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
