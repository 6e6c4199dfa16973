"""Collects the inputs of a slate and compares every published story of its challenge with the viewer."""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Profile
from challenges.models import Reading, ReadingQuerySet
from matching.records import Candidate, ViewerFacts
from matching.story_table import ScoredStoryTable
from matching.text_similarity import add_text_similarity
from practice import confidence_drop
from practice.models import OwnWords
from recommendations import free_text
from recommendations.index.story_index import RankingQuery, StoryScores, index_in_use
from recommendations.learning import weights
from recommendations.models import WeightSet
from recommendations.ranking_features import StoryFeatures, load_story_features
from recommendations.viewer_history import ViewerHistory, load_viewer_history
from stories.models import CatalogueChange

RECENTLY_WATCHED = timedelta(days=90)
# Each of these stories is compared with every candidate.
MAX_LESS_LIKE_COMPARED = 5


@dataclass(frozen=True)
class SlateInputs:
    """Everything that a slate depends on; the same inputs give the same slate.

    Attributes
    ----------
    weight_set
        Primary key of the weight set in use, or None for the prior.
    own_words
        What the viewer wrote about the challenge.
    catalogue_version
        Primary key of the newest change to the set of published stories.
    """

    reading: Reading
    profile: Profile
    weight_set: int | None
    own_words: str
    catalogue_version: int
    requested_at: datetime

    def digest(self, *, policy: str, catalogue: int = 0) -> str:
        """Hash the inputs; a catalogue version other than 0 ties the slate to one set of published stories."""
        values = [
            self.reading.pk,
            self.profile.updated_at,
            self.requested_at.date(),
            policy,
            weights.weights_version(self.weight_set),
            catalogue,
            *([self.own_words] if self.own_words else []),
        ]
        return hashlib.sha256("|".join(map(str, values)).encode()).hexdigest()


def annotate_slate_inputs(readings: ReadingQuerySet) -> ReadingQuerySet:
    """Annotate what `collect_slate_inputs` needs, which saves three queries."""
    own_words = OwnWords.objects.filter(person=OuterRef("person"), challenge=OuterRef("challenge"))
    newest_change = CatalogueChange.objects.order_by("-pk")
    return readings.annotate(
        weights_in_use=Subquery(WeightSet.objects.in_use().values("pk")[:1]),
        own_words=Coalesce(Subquery(own_words.values("text")[:1]), Value(""), output_field=CharField()),
        catalogue_version=Coalesce(Subquery(newest_change.values("pk")[:1]), 0),
    )


def collect_slate_inputs(reading: Reading, *, now: datetime) -> SlateInputs:
    """Return the inputs of a slate; the reading comes from `annotate_slate_inputs`."""
    return SlateInputs(
        reading=reading,
        profile=getattr(reading.person, "profile", None) or Profile(person=reading.person),
        weight_set=reading.weights_in_use,  # type: ignore[attr-defined]  # annotated
        own_words=reading.own_words,  # type: ignore[attr-defined]  # annotated
        catalogue_version=reading.catalogue_version,  # type: ignore[attr-defined]  # annotated
        requested_at=now,
    )


@dataclass(frozen=True)
class CandidateSet:
    """The published stories of a challenge, compared with one viewer.

    Attributes
    ----------
    candidates
        The stories and their similarity to the viewer, including the similarity to the viewer's own words.
    story_scores
        The similarity without the viewer's own words; it explains each match.
    less_like
        Stories of which the viewer wants fewer.
    """

    viewer: ViewerFacts
    candidates: ScoredStoryTable
    story_scores: StoryScores
    less_like: Sequence[Candidate]


def build_candidate_set(inputs: SlateInputs) -> CandidateSet:
    """Compare the viewer with every published story of the challenge, and load what the gates need."""
    challenge, profile = inputs.reading.challenge, inputs.profile
    base_weights = weights.base_weights(inputs.weight_set, domain=challenge.domain.slug)
    query = RankingQuery(profile.traits, profile.matters, base_weights)
    story_scores = index_in_use().score_stories(challenge.pk, ranking_query=query)
    history = load_viewer_history(inputs.reading, watched_since=inputs.requested_at - RECENTLY_WATCHED)
    text_scores = free_text.text_similarity(inputs.own_words, story_scores.stories.keys)
    similarity = add_text_similarity(story_scores.scores, text_scores, share=free_text.FREE_TEXT_SHARE)
    return CandidateSet(
        viewer=_viewer_facts(inputs, history),
        candidates=ScoredStoryTable(story_scores.stories, similarity),
        story_scores=story_scores,
        less_like=_less_like_candidates(story_scores, history.less_like),
    )


def load_candidates(
    candidate_set: CandidateSet, rows: Sequence[int]
) -> tuple[list[Candidate], Mapping[uuid.UUID, Collection[str]]]:
    """Return the candidates at these rows, in the same order, and their shown traits by key (one statement)."""
    stories = candidate_set.story_scores.stories_at(rows)
    keys = [story.facts.key for story in stories]
    details_by_key = load_story_features(keys, present_rung=candidate_set.viewer.present_rung)
    candidates = []
    for row, story in zip(rows, stories, strict=True):
        details = details_by_key.get(story.facts.key, StoryFeatures())
        facts = replace(story.facts, viewing_count=details.viewing_count)
        similarity = float(candidate_set.candidates.similarity[row])
        candidates.append(Candidate(facts, similarity, story.traits, details.effect))
    return candidates, {key: details.shown_traits for key, details in details_by_key.items()}


def _viewer_facts(inputs: SlateInputs, history: ViewerHistory) -> ViewerFacts:
    reading, profile = inputs.reading, inputs.profile
    return ViewerFacts(
        person=reading.person_id,
        challenge=reading.challenge_id,
        present_rung=reading.present_rung,
        ladder_length=len(history.ratings),
        ratings=history.ratings,
        muted_notes=frozenset(profile.muted),
        languages=frozenset(profile.languages),
        needs_captions=profile.captions_only,
        hidden_tellers=history.hidden_tellers,
        seen_recently=history.watched,
        saved=history.saved,
        less_like=frozenset(history.less_like),
        is_discouraged=confidence_drop.is_discouraged(history.recent_means),
    )


def _less_like_candidates(story_scores: StoryScores, less_like: Sequence[uuid.UUID]) -> list[Candidate]:
    """Return the latest of these stories that belong to this challenge and are still published."""
    rows = (story_scores.stories.row_of(key) for key in less_like)
    latest_rows = list(islice((row for row in rows if row is not None), MAX_LESS_LIKE_COMPARED))
    return [Candidate(story.facts, 0.0, story.traits) for story in story_scores.stories_at(latest_rows)]
