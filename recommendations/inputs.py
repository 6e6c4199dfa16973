"""Every published story of a challenge as it looks to one viewer, and what the gates need to know of that viewer."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count

from accounts.models import Profile
from accounts.traits.catalogue import parse_stored_answers
from challenges.models import Reading
from matching import Candidate, ScoredStoryTable, StoryEffectEvidence, ViewerFacts
from matching.text_similarity import add_text_similarity
from practice import confidence_drop
from practice.models import HiddenTeller, LessLike, SavedStory, Viewing
from recommendations import free_text
from recommendations.index.search_table import story_facts
from recommendations.index.story_index import RankingQuery, StoryScores, index_in_use
from recommendations.learning import effects, weights
from stories.models import Story

RECENTLY_SEEN_WINDOW = timedelta(days=90)
# How many of the latest wishes for fewer of a kind are compared with.
MAX_LESS_LIKE = 5


@dataclass(frozen=True)
class SlateInputs:
    """What a choice of stories rests on: as long as none of it changes, asking again gives the same slate."""

    reading: Reading
    profile: Profile
    weight_set_id: int | None
    free_text: str
    composed_at: datetime

    def cache_key(self, *, policy_version: str, catalogue_version: int = 0) -> str:
        parts = [
            self.reading.pk,
            self.profile.updated_at,
            self.composed_at.date(),
            policy_version,
            weights.weights_version(self.weight_set_id),
            catalogue_version,
            *([self.free_text] if self.free_text else []),
        ]
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def load_slate_inputs(reading: Reading, *, now: datetime) -> SlateInputs:
    profile = getattr(reading.person, "profile", None) or Profile(person=reading.person)
    return SlateInputs(
        reading, profile, weights.weight_set_id_in_use(reading), free_text.free_text_for_reading(reading), now
    )


@dataclass(frozen=True)
class CandidateSet:
    """All that a slate may be composed from; `likeness` knows what the scores of the candidates are made of."""

    viewer: ViewerFacts
    candidates: ScoredStoryTable
    scores: StoryScores
    less_like: list[Candidate]


def load_candidates(basis: SlateInputs) -> CandidateSet:
    """Compare whoever the reading belongs to with the stories of its challenge."""
    challenge, profile = basis.reading.challenge, basis.profile
    base = weights.base_weights(basis.weight_set_id, domain=challenge.domain.slug)
    likeness = index_in_use().score_stories(
        challenge.pk, ranking_query=RankingQuery(profile.traits, profile.matters, base)
    )
    return CandidateSet(
        viewer=load_viewer_facts(basis),
        candidates=_scored_candidates(likeness, basis),
        scores=likeness,
        less_like=_less_like_candidates(basis),
    )


def load_viewer_facts(basis: SlateInputs) -> ViewerFacts:
    """Return what the gates need to know of a viewer, as plain values."""
    viewer = basis.reading.person
    seen = Viewing.objects.by(viewer).filter(started_at__gte=basis.composed_at - RECENTLY_SEEN_WINDOW)
    ratings = basis.reading.ratings_by_position()
    return ViewerFacts(
        person=viewer.pk,
        challenge=basis.reading.challenge_id,
        present_rung=basis.reading.present_rung,
        ladder_length=len(ratings),
        ratings=ratings,
        muted_notes=frozenset(basis.profile.muted),
        languages=frozenset(basis.profile.languages),
        needs_captions=basis.profile.captions_only,
        hidden_tellers=frozenset(
            HiddenTeller.objects.filter(person=viewer).values_list("teller_id", flat=True)
        ),
        seen_recently=frozenset(seen.values_list("story_id", flat=True)),
        saved=frozenset(SavedStory.objects.filter(person=viewer).values_list("story_id", flat=True)),
        less_like=frozenset(LessLike.objects.filter(person=viewer).values_list("story_id", flat=True)),
        is_discouraged=confidence_drop.is_discouraged(basis.reading),
    )


def _scored_candidates(likeness: StoryScores, basis: SlateInputs) -> ScoredStoryTable:
    """Add to scores how near stories come to the viewer's words; what else counts is asked of those looked at."""
    near = free_text.text_similarity(basis.free_text, likeness.stories.keys)
    similarity = add_text_similarity(likeness.scores, near, share=free_text.FREE_TEXT_SHARE)

    def look(places: Sequence[int]) -> list[Candidate]:
        entries = [likeness.story_at(place) for place in places]
        keys = [entry.facts.key for entry in entries]
        watched, known = (
            _viewing_counts(keys),
            effects.evidence_for_stories(keys, present_rung=basis.reading.present_rung),
        )
        return [
            Candidate(
                replace(entry.facts, viewing_count=watched[entry.facts.key]),
                float(similarity[place]),
                entry.traits,
                known.get(entry.facts.key, StoryEffectEvidence()),
            )
            for place, entry in zip(places, entries, strict=True)
        ]

    return ScoredStoryTable(likeness.stories, similarity, look)


def _viewing_counts(stories: Collection[uuid.UUID]) -> Counter[uuid.UUID]:
    """Count how often each story was watched."""
    viewings = Viewing.objects.filter(story__in=stories).values_list("story").annotate(times=Count("pk"))
    return Counter(dict(viewings))


def _less_like_candidates(basis: SlateInputs) -> list[Candidate]:
    """Return the stories of this challenge of which the viewer lately wanted fewer, as far as they may be seen."""
    viewer = basis.reading.person
    wishes = LessLike.objects.filter(
        person=viewer,
        story__challenge=basis.reading.challenge_id,
        story__in=Story.objects.visible_to(viewer),
    )
    latest = wishes.select_related("story").order_by("-said_at")[:MAX_LESS_LIKE]
    return [
        Candidate(story_facts(wish.story), 0.0, parse_stored_answers(wish.story.traits_then))
        for wish in latest
    ]
