"""Rank the open stories of a challenge for a viewer: in memory, or where the roll lies.

Either way the roll is brought up to date first (`practice.enrolling`; one query when nothing is new), so that a publication
or withdrawal is seen by whoever asks next, in every process. An answer may lag by what commits meanwhile; whoever shows
stories checks them against the database once more.
"""

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from django.conf import settings

from accounts.traits import CATALOGUE, read
from matching import Match, Matcher, ScanEngine, StoryFacts
from matching.engines.contract import Engine, Selection
from matching.engines.copying import Table
from matching.traits import Answers
from practice import enrolling
from stories.models import CatalogueChange


@dataclass(frozen=True)
class Entry:
    """One open story as the gates and the engine know it."""

    facts: StoryFacts
    traits: Answers


@dataclass(frozen=True)
class Ranked:
    """One story and how alike its then-self is to the viewer who asked."""

    entry: Entry
    match: Match


@dataclass(frozen=True)
class Asked:
    """What a viewer is ranked by: their answers, what they said matters to them, and what counts for everybody."""

    traits: Mapping[str, object]
    matters: Mapping[str, float]
    base: Mapping[str, float]


class Index(Protocol):
    """Every open story, for any number of threads."""

    def rank(self, challenge_id: int, *, asked: Asked) -> list[Ranked]:
        """Return every story of a challenge with how alike its then-self is to the viewer, best first."""

    def version(self) -> int:
        """Return up to which change the index has come."""


def index_in_use() -> Index:
    """Return the index that the setting MATCHING_ENGINE names."""
    return table if settings.MATCHING_ENGINE == "postgres" else index


class StoryTable:
    """The roll itself, searched by PostgreSQL: the process holds nothing."""

    def rank(self, challenge_id: int, *, asked: Asked) -> list[Ranked]:
        self.version()
        engine = enrolling.roll().within(challenge_id)
        entries = _Entries(engine.everybody())
        return list(_ranked(engine, entries, asked, among=None))

    def version(self) -> int:
        return enrolling.catch_up()


class _Entries:
    """Some rows of the roll, read when asked for."""

    def __init__(self, rows: Table) -> None:
        self.rows = rows
        self._read: dict[uuid.UUID, Entry] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, key: uuid.UUID) -> Entry | None:
        place = self._places.get(key)
        if place is not None and key not in self._read:
            row = self.rows[place]
            self._read[key] = Entry(enrolling.facts_on(row), enrolling.traits_on(row))
        return self._read.get(key)

    @cached_property
    def _places(self) -> Mapping[uuid.UUID, int]:
        return {key: place for place, key in enumerate(enrolling.keys_on(self.rows))}


@dataclass(frozen=True)
class _Held:
    """What a process holds at one moment; `chosen` is filled as challenges are asked for."""

    seen: int
    rows: Table
    engine: ScanEngine
    chosen: dict[int, tuple[_Entries, Selection]]


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
        return len(self._held.rows) if self._held else 0

    def rank(self, challenge_id: int, *, asked: Asked) -> list[Ranked]:
        held = self._caught_up()
        entries, selection = held.chosen.get(challenge_id) or self._choose(held, challenge_id)
        return list(_ranked(held.engine, entries, asked, among=selection))

    def version(self) -> int:
        return self._caught_up().seen

    def _choose(self, held: _Held, challenge_id: int) -> tuple[_Entries, Selection]:
        entries = _Entries(held.rows[held.rows["challenge"] == challenge_id])
        chosen = entries, held.engine.select(enrolling.keys_on(entries.rows))
        held.chosen[challenge_id] = chosen
        return chosen

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
    engine.add_coded(enrolling.keys_on(rows), enrolling.codes_on(rows), by=enrolling.BOOK)
    return _Held(newest, rows, engine, {})


def _changed(held: _Held, newest: int) -> _Held:
    """Apply to the engine, and to a copy of the rest, what came and went since."""
    changes = CatalogueChange.objects.filter(pk__gt=held.seen, pk__lte=newest)
    keys = set(changes.values_list("story_id", flat=True))
    fresh = enrolling.roll().everybody(among=keys)
    gone = np.isin(held.rows["key"], np.array([key.bytes for key in keys], dtype="S16"))
    for key in keys:
        if key in held.engine:
            held.engine.remove(key)
    held.engine.add_coded(enrolling.keys_on(fresh), enrolling.codes_on(fresh), by=enrolling.BOOK)
    touched = {*held.rows["challenge"][gone].tolist(), *fresh["challenge"].tolist()}
    return replace(
        held,
        seen=newest,
        rows=np.concatenate([held.rows[~gone], fresh]),
        chosen={challenge: one for challenge, one in held.chosen.items() if challenge not in touched},
    )


def _ranked(engine: Engine, entries: _Entries, asked: Asked, *, among: Selection | None) -> Iterator[Ranked]:
    if not len(entries):
        return
    matcher = Matcher(CATALOGUE, base_weights=asked.base)
    matcher.engine_ = engine
    own = {key: weight for key, weight in asked.matters.items() if key in CATALOGUE}
    for match in matcher.rank(read(asked.traits), weights=own, among=among, k=len(entries)):
        entry = entries.get(match.key)
        if entry is not None:
            yield Ranked(entry, match)


index = StoryIndex()
table = StoryTable()
