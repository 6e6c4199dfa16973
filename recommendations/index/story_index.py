"""Compare a viewer with the open stories of a challenge: in memory, or where the roll lies.

Either way the roll is brought up to date first (`recommendations.index.search_table`; one query when nothing is new), so that a publication
or withdrawal is seen by whoever asks next, in every process. An answer may lag by what commits meanwhile; whoever shows
stories checks them against the database once more.
"""

import threading
import uuid
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from django.conf import settings

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from matching import Match, ScanEngine, StoryFacts
from matching.engines.contract import Engine, Floats, Selection, from_grid
from matching.engines.fetching import Table
from matching.matcher import matches_of
from matching.similarity import WeightedQuery, build_weighted_query
from matching.story_table import StoryTable
from matching.traits.catalogue import Answers
from recommendations.index import codec, search_table
from stories.models import CatalogueChange


@dataclass(frozen=True)
class IndexedStory:
    """One open story as the gates and the engine know it."""

    facts: StoryFacts
    traits: Answers


@dataclass(frozen=True)
class RankedStory:
    """One story and how alike its then-self is to the viewer who asked, with what that is made of."""

    story: IndexedStory
    match: Match


@dataclass(frozen=True)
class RankingQuery:
    """What a viewer is ranked by: their answers, what they said matters to them, and what counts for everybody."""

    traits: Mapping[str, object]
    viewer_weights: Mapping[str, float]
    base_weights: Mapping[str, float]

    def weighted_query(self) -> WeightedQuery:
        own = {key: weight for key, weight in self.viewer_weights.items() if key in TRAIT_CATALOGUE}
        return build_weighted_query(
            parse_stored_answers(self.traits),
            catalogue=TRAIT_CATALOGUE,
            base_weights=self.base_weights,
            viewer_weights=own,
        )


@dataclass(frozen=True)
class StoryScores:
    """How alike a viewer is to the then-self of every open story of a challenge.

    Attributes
    ----------
    crowd, rows
        The stories, in one order.
    scores
        Shape (stories,), from 0 to 1.
    """

    stories: StoryTable
    rows: Table
    scores: Floats
    query: WeightedQuery
    engine: Engine

    def story_at(self, place: int) -> IndexedStory:
        row = self.rows[place]
        return IndexedStory(codec.decode_facts(row), codec.decode_traits(row))

    def explained_matches(self, keys: Sequence[uuid.UUID]) -> list[RankedStory]:
        """Return what the scores of a few are made of; who was withdrawn at this moment is left out."""
        found = matches_of(self.engine.search(self.query, k=len(keys), among=keys))
        return [
            RankedStory(self.story_at(bisect_left(self.stories.keys, match.key)), match) for match in found
        ]


class SimilarityIndex(Protocol):
    """Every open story, for any number of threads."""

    def score_stories(self, challenge_id: int, *, ranking_query: RankingQuery) -> StoryScores:
        """Compare a viewer with every story of a challenge."""

    def catalogue_version(self) -> int:
        """Return up to which change the index has come."""


def index_in_use() -> SimilarityIndex:
    """Return the index that the setting MATCHING_ENGINE names."""
    return postgres_index if settings.MATCHING_ENGINE == "postgres" else in_memory_index


class PostgresIndex:
    """The roll itself, searched by PostgreSQL: the process holds nothing."""

    def score_stories(self, challenge_id: int, *, ranking_query: RankingQuery) -> StoryScores:
        self.catalogue_version()
        engine, query = search_table.table_engine().within(challenge_id), ranking_query.weighted_query()
        rows = codec.sort_rows_by_key(engine.everybody(scored=query))
        crowd = codec.decode_story_table(rows, challenge_id)
        return StoryScores(crowd, rows, from_grid(rows["score"]), query, engine)

    def catalogue_version(self) -> int:
        return search_table.sync_search_table()


@dataclass(frozen=True)
class _ChallengeSelection:
    """The stories of one challenge, in order."""

    crowd: StoryTable
    rows: Table
    selection: Selection


@dataclass(frozen=True)
class _Snapshot:
    """What a process holds at one moment.

    Attributes
    ----------
    rows
        By challenge.
    nobody
        No rows, as a challenge without stories has them.
    chosen
        Filled as challenges are asked for.
    """

    catalogue_version: int
    rows: Mapping[int, Table]
    empty_rows: Table
    engine: ScanEngine
    selections: dict[int, _ChallengeSelection]


class InMemoryIndex:
    """The roll in memory, kept up with changes. Readers take one moment of it and wait for nobody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: _Snapshot | None = None

    def reset(self) -> None:
        """Start from nothing; the next use reads everything anew."""
        with self._lock:
            self._snapshot = None

    def __len__(self) -> int:
        return sum(map(len, self._snapshot.rows.values())) if self._snapshot else 0

    def score_stories(self, challenge_id: int, *, ranking_query: RankingQuery) -> StoryScores:
        held, query = self._current_snapshot(), ranking_query.weighted_query()
        one = held.selections.get(challenge_id) or _select_challenge(held, challenge_id)
        scores = held.engine.scores(query, among=one.selection)
        there = ~np.isnan(scores)
        if there.all():
            return StoryScores(one.crowd, one.rows, scores, query, held.engine)
        rows = one.rows[there]  # some went while we looked
        return StoryScores(
            codec.decode_story_table(rows, challenge_id), rows, scores[there], query, held.engine
        )

    def catalogue_version(self) -> int:
        return self._current_snapshot().catalogue_version

    def _current_snapshot(self) -> _Snapshot:
        newest, held = search_table.sync_search_table(), self._snapshot
        if held is not None and held.catalogue_version == newest:
            return held
        with self._lock:
            held = self._snapshot
            if (
                held is None or newest < held.catalogue_version
            ):  # the first time, or a database that was set back
                held = _load_snapshot(newest)
            elif held.catalogue_version < newest:
                held = _apply_changes(held, newest)
            self._snapshot = held
            return held


def _load_snapshot(newest: int) -> _Snapshot:
    rows = search_table.table_engine().everybody()
    engine = ScanEngine(TRAIT_CATALOGUE)
    engine.add_coded(codec.story_keys(rows), codec.trait_codes(rows), by=codec.TRAIT_CODEBOOK)
    return _Snapshot(newest, _split_by_challenge(rows), rows[:0], engine, {})


def _apply_changes(held: _Snapshot, newest: int) -> _Snapshot:
    """Apply to the engine, and to the rows of the challenges concerned, what came and went since."""
    changes = CatalogueChange.objects.filter(pk__gt=held.catalogue_version, pk__lte=newest)
    keys = set(changes.values_list("story_id", flat=True))
    fresh = search_table.table_engine().everybody(among=keys)
    for key in keys:
        if key in held.engine:
            held.engine.remove(key)
    held.engine.add_coded(codec.story_keys(fresh), codec.trait_codes(fresh), by=codec.TRAIT_CODEBOOK)
    rows, touched = dict(held.rows), set[int]()
    raw = np.array([key.bytes for key in keys], dtype="S16")
    for challenge, those in held.rows.items():
        gone = np.isin(those["key"], raw)
        if gone.any():
            rows[challenge] = those[~gone]
            touched.add(challenge)
    for challenge, those in _split_by_challenge(fresh).items():
        rows[challenge] = np.concatenate([rows[challenge], those]) if challenge in rows else those
        touched.add(challenge)
    chosen = {challenge: one for challenge, one in held.selections.items() if challenge not in touched}
    return replace(held, catalogue_version=newest, rows=rows, selections=chosen)


def _split_by_challenge(rows: Table) -> dict[int, Table]:
    order = np.argsort(rows["challenge"], kind="stable")
    challenges, starts = np.unique(rows["challenge"][order], return_index=True)
    several = np.split(rows[order], starts[1:])
    return dict(zip(challenges.tolist(), several, strict=False))


def _select_challenge(held: _Snapshot, challenge_id: int) -> _ChallengeSelection:
    rows = codec.sort_rows_by_key(held.rows.get(challenge_id, held.empty_rows))
    chosen = _ChallengeSelection(
        codec.decode_story_table(rows, challenge_id), rows, held.engine.select(codec.story_keys(rows))
    )
    held.selections[challenge_id] = chosen
    return chosen


in_memory_index = InMemoryIndex()
postgres_index = PostgresIndex()
