"""Compare a viewer with the open stories of a challenge: in memory, or where the roll lies.

Either way the roll is brought up to date first (`practice.enrolling`; one query when nothing is new), so that a publication
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

from accounts.traits import CATALOGUE, read
from matching import Match, ScanEngine, StoryFacts
from matching.crowd import Crowd
from matching.engines.contract import Engine, Floats, Selection, from_grid
from matching.engines.fetching import Table
from matching.matcher import matches_of
from matching.similarity import Query, weigh
from matching.traits import Answers
from practice import columns, enrolling
from stories.models import CatalogueChange


@dataclass(frozen=True)
class Entry:
    """One open story as the gates and the engine know it."""

    facts: StoryFacts
    traits: Answers


@dataclass(frozen=True)
class Ranked:
    """One story and how alike its then-self is to the viewer who asked, with what that is made of."""

    entry: Entry
    match: Match


@dataclass(frozen=True)
class Asked:
    """What a viewer is ranked by: their answers, what they said matters to them, and what counts for everybody."""

    traits: Mapping[str, object]
    matters: Mapping[str, float]
    base: Mapping[str, float]

    def query(self) -> Query:
        own = {key: weight for key, weight in self.matters.items() if key in CATALOGUE}
        return weigh(read(self.traits), catalogue=CATALOGUE, base=self.base, own=own)


@dataclass(frozen=True)
class Likeness:
    """How alike a viewer is to the then-self of every open story of a challenge.

    Attributes
    ----------
    crowd, rows
        The stories, in one order.
    scores
        Shape (stories,), from 0 to 1.
    """

    crowd: Crowd
    rows: Table
    scores: Floats
    query: Query
    engine: Engine

    def entry(self, place: int) -> Entry:
        row = self.rows[place]
        return Entry(columns.facts_on(row), columns.traits_on(row))

    def reasons(self, keys: Sequence[uuid.UUID]) -> list[Ranked]:
        """Return what the scores of a few are made of; who was withdrawn at this moment is left out."""
        found = matches_of(self.engine.search(self.query, k=len(keys), among=keys))
        return [Ranked(self.entry(bisect_left(self.crowd.keys, match.key)), match) for match in found]


class Index(Protocol):
    """Every open story, for any number of threads."""

    def likeness(self, challenge_id: int, *, asked: Asked) -> Likeness:
        """Compare a viewer with every story of a challenge."""

    def version(self) -> int:
        """Return up to which change the index has come."""


def index_in_use() -> Index:
    """Return the index that the setting MATCHING_ENGINE names."""
    return table if settings.MATCHING_ENGINE == "postgres" else index


class StoryTable:
    """The roll itself, searched by PostgreSQL: the process holds nothing."""

    def likeness(self, challenge_id: int, *, asked: Asked) -> Likeness:
        self.version()
        engine, query = enrolling.roll().within(challenge_id), asked.query()
        rows = columns.in_order(engine.everybody(scored=query))
        crowd = columns.crowd_on(rows, challenge_id)
        return Likeness(crowd, rows, from_grid(rows["score"]), query, engine)

    def version(self) -> int:
        return enrolling.catch_up()


@dataclass(frozen=True)
class _Chosen:
    """The stories of one challenge, in order."""

    crowd: Crowd
    rows: Table
    selection: Selection


@dataclass(frozen=True)
class _Held:
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

    seen: int
    rows: Mapping[int, Table]
    nobody: Table
    engine: ScanEngine
    chosen: dict[int, _Chosen]


class StoryIndex:
    """The roll in memory, kept up with changes. Readers take one moment of it and wait for nobody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def forget(self) -> None:
        """Start from nothing; the next use reads everything anew."""
        with self._lock:
            self._held = None

    def __len__(self) -> int:
        return sum(map(len, self._held.rows.values())) if self._held else 0

    def likeness(self, challenge_id: int, *, asked: Asked) -> Likeness:
        held, query = self._caught_up(), asked.query()
        one = held.chosen.get(challenge_id) or _choose(held, challenge_id)
        scores = held.engine.scores(query, among=one.selection)
        there = ~np.isnan(scores)
        if there.all():
            return Likeness(one.crowd, one.rows, scores, query, held.engine)
        rows = one.rows[there]  # some went while we looked
        return Likeness(columns.crowd_on(rows, challenge_id), rows, scores[there], query, held.engine)

    def version(self) -> int:
        return self._caught_up().seen

    def _caught_up(self) -> _Held:
        newest, held = enrolling.catch_up(), self._held
        if held is not None and held.seen == newest:
            return held
        with self._lock:
            held = self._held
            if held is None or newest < held.seen:  # the first time, or a database that was set back
                held = _started(newest)
            elif held.seen < newest:
                held = _changed(held, newest)
            self._held = held
            return held


def _started(newest: int) -> _Held:
    rows = enrolling.roll().everybody()
    engine = ScanEngine(CATALOGUE)
    engine.add_coded(columns.keys_on(rows), columns.codes_on(rows), by=columns.BOOK)
    return _Held(newest, _by_challenge(rows), rows[:0], engine, {})


def _changed(held: _Held, newest: int) -> _Held:
    """Apply to the engine, and to the rows of the challenges concerned, what came and went since."""
    changes = CatalogueChange.objects.filter(pk__gt=held.seen, pk__lte=newest)
    keys = set(changes.values_list("story_id", flat=True))
    fresh = enrolling.roll().everybody(among=keys)
    for key in keys:
        if key in held.engine:
            held.engine.remove(key)
    held.engine.add_coded(columns.keys_on(fresh), columns.codes_on(fresh), by=columns.BOOK)
    rows, touched = dict(held.rows), set[int]()
    raw = np.array([key.bytes for key in keys], dtype="S16")
    for challenge, those in held.rows.items():
        gone = np.isin(those["key"], raw)
        if gone.any():
            rows[challenge] = those[~gone]
            touched.add(challenge)
    for challenge, those in _by_challenge(fresh).items():
        rows[challenge] = np.concatenate([rows[challenge], those]) if challenge in rows else those
        touched.add(challenge)
    chosen = {challenge: one for challenge, one in held.chosen.items() if challenge not in touched}
    return replace(held, seen=newest, rows=rows, chosen=chosen)


def _by_challenge(rows: Table) -> dict[int, Table]:
    order = np.argsort(rows["challenge"], kind="stable")
    challenges, starts = np.unique(rows["challenge"][order], return_index=True)
    several = np.split(rows[order], starts[1:])
    return dict(zip(challenges.tolist(), several, strict=False))


def _choose(held: _Held, challenge_id: int) -> _Chosen:
    rows = columns.in_order(held.rows.get(challenge_id, held.nobody))
    chosen = _Chosen(columns.crowd_on(rows, challenge_id), rows, held.engine.select(columns.keys_on(rows)))
    held.chosen[challenge_id] = chosen
    return chosen


index = StoryIndex()
table = StoryTable()
