"""Every process's own copy of what is needed to rank published stories, kept up with the database.

Before each use the index looks whether a story entered or left since (one query) and applies just that. It may lag
by what commits meanwhile; whoever shows stories checks them against the database once more.
"""

import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef

from accounts.traits import CATALOGUE, read
from matching import Match, Matcher, ModelKind, Outcome, StoryFacts
from matching.traits import Answers
from media.models import Captions
from stories.models import CatalogueChange, Stories, Story


@dataclass(frozen=True)
class Entry:
    """One published story as the gates and the engine know it."""

    facts: StoryFacts
    traits: Answers


@dataclass(frozen=True)
class Ranked:
    """One story and how alike its then-self is to the viewer who asked."""

    entry: Entry
    match: Match


class StoryIndex:
    """Published stories in memory, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._empty()

    def forget(self) -> None:
        """Start from nothing; the next use reads everything anew."""
        with self._lock:
            self._empty()

    def _empty(self) -> None:
        self._seen = 0
        self._entries: Mapping[uuid.UUID, Entry] = {}
        self._matcher = Matcher(CATALOGUE).fit([], [])

    def __len__(self) -> int:
        return len(self._entries)

    def rank(
        self,
        challenge_id: int,
        *,
        traits: Mapping[str, object],
        matters: Mapping[str, float],
        base: Mapping[str, float],
    ) -> list[Ranked]:
        """Return every story of a challenge with how alike its then-self is to the viewer, best first.

        `base` is how much each trait counts for everybody, `matters` what the viewer put on top of it.
        """
        self.catch_up()
        with self._lock:  # entries and matcher have to be of one moment
            entries = self._entries
            keys = [key for key, entry in entries.items() if entry.facts.challenge == challenge_id]
            own = {key: weight for key, weight in matters.items() if key in CATALOGUE}
            matcher = _under(base, self._matcher)
            matches = matcher.rank(read(traits), weights=own, among=keys, k=len(keys)) if keys else []
        return [Ranked(entries[match.key], match) for match in matches]

    def version(self) -> int:
        """Return up to which change the index has come."""
        self.catch_up()
        return self._seen

    def catch_up(self) -> None:
        """Apply what changed since the last look. A database that was set back is read anew."""
        newest = CatalogueChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
        if newest == self._seen:
            return
        with self._lock:
            if newest < self._seen:
                self._empty()
            changes = CatalogueChange.objects.filter(pk__gt=self._seen, pk__lte=newest)
            if self._seen == 0:
                self._start(Story.objects.open_to_members())
            else:
                self._apply(set(changes.values_list("story_id", flat=True)))
            self._seen = max(self._seen, newest)

    def _start(self, stories: Stories) -> None:
        entries = {story.pk: entry_of(story) for story in with_captions(stories).iterator(chunk_size=2000)}
        self._matcher = Matcher(CATALOGUE).fit(list(entries), [entry.traits for entry in entries.values()])
        self._entries = entries

    def _apply(self, changed: Iterable[uuid.UUID]) -> None:
        entries = dict(self._entries)
        there = {
            story.pk: entry_of(story)
            for story in with_captions(Story.objects.open_to_members().filter(pk__in=changed))
        }
        for key in changed:
            if key in entries:
                del entries[key]
                self._matcher.remove(key)
        for key, entry in there.items():
            entries[key] = entry
            self._matcher.add(key, entry.traits)
        self._entries = entries


def _under(base: Mapping[str, float], fitted: Matcher) -> Matcher:
    """Look at the same tellers under other base weights, which differ between domains; nothing is copied."""
    matcher = Matcher(**{**fitted.get_params(), "base_weights": base})
    matcher.engine_ = fitted.engine_
    return matcher


def with_captions(stories: Stories) -> Stories:
    return stories.annotate(captioned=Exists(Captions.objects.filter(video=OuterRef("video"))))


def entry_of(story: Story) -> Entry:
    """Return what the gates and the engine need of a story, out of its row."""
    return Entry(
        facts=StoryFacts(
            key=story.pk,
            teller=story.teller_id,
            challenge=story.challenge_id,
            start_rung=story.start_rung,
            end_rung=story.end_rung,
            model_kind=ModelKind(story.model_kind),
            outcome=Outcome(story.outcome),
            language=story.language,
            captions=getattr(story, "captioned", False),
            content_notes=frozenset(story.content_notes),
            strategy=frozenset(story.strategies),
        ),
        traits=read(story.traits_then),
    )


index = StoryIndex()
