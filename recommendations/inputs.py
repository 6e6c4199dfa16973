"""The inputs of a slate, and every published story of its challenge compared with the viewer."""

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
from recommendations.story_details import StoryDetails, load_story_details
from recommendations.viewer_history import ViewerHistory, load_viewer_history
from stories.models import CatalogueChange

RECENTLY_WATCHED = timedelta(days=90)
# Comparing with every unwanted story would take longer the more of them there are.
MOST_UNWANTED_COMPARED = 5


@dataclass(frozen=True)
class SlateInputs:
    """Everything that a slate depends on; the same inputs give the same slate.

    Attributes
    ----------
    weights
        The weight set in use, or None for the prior.
    own_words
        What the viewer wrote about the challenge.
    catalogue_version
        The newest change to the set of published stories.
    """

    reading: Reading
    profile: Profile
    weights: int | None
    own_words: str
    catalogue_version: int
    at: datetime

    def digest(self, *, policy: str, catalogue: int = 0) -> str:
        """Hash the inputs; a catalogue version other than 0 ties the slate to one set of published stories."""
        parts = [
            self.reading.pk,
            self.profile.updated_at,
            self.at.date(),
            policy,
            weights.weights_version(self.weights),
            catalogue,
            *([self.own_words] if self.own_words else []),
        ]
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def annotate_slate_inputs(readings: ReadingQuerySet) -> ReadingQuerySet:
    """Add what `slate_inputs` needs beside the reading, which would otherwise take three more queries."""
    own_words = OwnWords.objects.filter(person=OuterRef("person"), challenge=OuterRef("challenge"))
    newest_change = CatalogueChange.objects.order_by("-pk")
    return readings.annotate(
        weights_in_use=Subquery(WeightSet.objects.in_use().values("pk")[:1]),
        own_words=Coalesce(Subquery(own_words.values("text")[:1]), Value(""), output_field=CharField()),
        catalogue_version=Coalesce(Subquery(newest_change.values("pk")[:1]), 0),
    )


def slate_inputs(reading: Reading, *, now: datetime) -> SlateInputs:
    """Collect the inputs of a slate; the reading comes from `annotate_slate_inputs`."""
    return SlateInputs(
        reading=reading,
        profile=getattr(reading.person, "profile", None) or Profile(person=reading.person),
        weights=reading.weights_in_use,  # type: ignore[attr-defined]  # annotated
        own_words=reading.own_words,  # type: ignore[attr-defined]  # annotated
        catalogue_version=reading.catalogue_version,  # type: ignore[attr-defined]  # annotated
        at=now,
    )


@dataclass(frozen=True)
class CandidateSet:
    """The published stories of a challenge, compared with one viewer.

    Attributes
    ----------
    likeness
        Explains the scores of the candidates.
    less_like
        Stories of which the viewer wants fewer.
    """

    viewer: ViewerFacts
    candidates: ScoredStoryTable
    likeness: StoryScores
    less_like: Sequence[Candidate]


def candidate_set_for(inputs: SlateInputs) -> CandidateSet:
    """Compare the viewer with every published story of the challenge, and load what the gates need to know of them."""
    challenge, profile = inputs.reading.challenge, inputs.profile
    base_weights = weights.base_weights(inputs.weights, domain=challenge.domain.slug)
    query = RankingQuery(profile.traits, profile.matters, base_weights)
    likeness = index_in_use().score_stories(challenge.pk, ranking_query=query)
    history = load_viewer_history(inputs.reading, watched_since=inputs.at - RECENTLY_WATCHED)
    nearness = free_text.text_similarity(inputs.own_words, likeness.stories.keys)
    similarity = add_text_similarity(likeness.scores, nearness, share=free_text.FREE_TEXT_SHARE)
    return CandidateSet(
        viewer=_viewer_facts(inputs, history),
        candidates=ScoredStoryTable(likeness.stories, similarity),
        likeness=likeness,
        less_like=_unwanted_candidates(likeness, history.unwanted),
    )


def load_candidates(
    candidate_set: CandidateSet, rows: Sequence[int]
) -> tuple[list[Candidate], Mapping[uuid.UUID, Collection[str]]]:
    """Load the details of some stories (one statement), in the order of their rows; also their shown traits by key."""
    entries = candidate_set.likeness.entries(rows)
    keys = [entry.facts.key for entry in entries]
    details = load_story_details(keys, present_rung=candidate_set.viewer.present_rung)
    candidates = []
    for row, entry in zip(rows, entries, strict=True):
        story = details.get(entry.facts.key, StoryDetails())
        facts = replace(entry.facts, viewing_count=story.viewings)
        similarity = float(candidate_set.candidates.similarity[row])
        candidates.append(Candidate(facts, similarity, entry.traits, story.benefit))
    return candidates, {key: story.shown_traits for key, story in details.items()}


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
        less_like=frozenset(history.unwanted),
        is_discouraged=confidence_drop.is_discouraged(history.recent_means),
    )


def _unwanted_candidates(likeness: StoryScores, unwanted: Sequence[uuid.UUID]) -> list[Candidate]:
    """Return the latest unwanted stories of this challenge that are still published."""
    rows = (likeness.stories.row_of(key) for key in unwanted)
    latest = list(islice((row for row in rows if row is not None), MOST_UNWANTED_COMPARED))
    return [Candidate(entry.facts, 0.0, entry.traits) for entry in likeness.entries(latest)]
