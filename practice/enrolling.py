"""Keep the roll: what engines and gates need of every open story, in numbers, in one table partitioned by challenge.

From it a process fills its memory in a moment, and where no process is to hold an index, PostgreSQL searches it. It follows
from the stories alone: a publication or withdrawal leaves a change of the catalogue in its own transaction, and whoever
looks next brings the roll up to it, in one transaction and one at a time. Nobody is ever shown a roll that lags.

What the numbers mean depends on the traits of the catalogue, so a roll is named after them: a new release that asks
something new begins one of its own beside that of the release it takes over from.
"""

import hashlib
import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Subquery

from accounts.traits import CATALOGUE, read
from matching import ModelKind, Outcome, StoryFacts
from matching.crowd import OUTCOMES
from matching.engines.postgres import PostgresEngine
from matching.engines.schema import create_tables, drop_tables, empty_tables
from matching.traits import SetTrait
from media.models import Captions
from practice import columns
from practice.models import Roll
from stories.models import CatalogueChange, Stories, Story

LOCK = 0x5A3B0B1
AT_ONCE = 2_000
KEPT = 2


@cache
def name() -> str:
    """Return the name of the roll on which numbers mean what they mean to this release."""
    meaning: list[object] = [
        [(trait.key, trait.levels if isinstance(trait, SetTrait) else trait.values) for trait in CATALOGUE],
        [[*map(str, names)] for names in (columns.MODEL_KINDS, OUTCOMES, columns.NOTES, columns.STRATEGIES)],
        list(columns.FACTS.items()),
    ]
    return f"practice_roll_{hashlib.sha256(repr(meaning).encode()).hexdigest()[:12]}"


def roll() -> PostgresEngine:
    """Return the engine that searches the roll, over this thread's own connection."""
    return PostgresEngine(CATALOGUE, _connected, table=name(), beside=columns.FACTS)


def catch_up() -> int:
    """Bring the roll up to the newest change of the catalogue; return that change. Costs one query if none is new."""
    newest = CatalogueChange.objects.order_by("-pk").values("pk")[:1]
    found = Roll.objects.filter(name=name()).values_list("enrolled", Subquery(newest)).first()
    if found is not None and found[0] == (found[1] or 0):
        return int(found[0])
    return _catch_up()


@transaction.atomic
def _catch_up() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    newest = CatalogueChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
    enrolled = Roll.objects.filter(name=name()).values_list("enrolled", flat=True).first()
    if enrolled is None or enrolled > newest:  # a new roll, or a database that was set back
        _begin()
        _enter(Story.objects.open_to_members())
    elif enrolled < newest:
        changes = CatalogueChange.objects.filter(pk__gt=enrolled, pk__lte=newest)
        _renew(set(changes.values_list("story_id", flat=True)))
    Roll.objects.update_or_create(name=name(), defaults={"enrolled": newest})
    return int(newest)


def _begin() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [name()])
        (there,) = cursor.fetchone()
    with _connected() as connected:
        if there:
            empty_tables(connected, table=name())
        else:
            create_tables(connected, CATALOGUE, table=name(), keys=uuid.UUID, beside=columns.FACTS)


@transaction.atomic
def forget_old() -> None:
    """Drop rolls of earlier releases but the latest, which may still be at work."""
    for old in Roll.objects.exclude(name=name()).order_by("-enrolled")[KEPT - 1 :]:
        with _connected() as connected:
            drop_tables(connected, table=old.name)
        old.delete()


def _renew(changed: Iterable[uuid.UUID]) -> None:
    keys = list(changed)
    for key in columns.keys_on(roll().everybody(among=keys)):
        roll().remove(key)
    _enter(Story.objects.open_to_members().filter(pk__in=keys))


def _enter(stories: Stories) -> None:
    found = with_captions(stories).order_by("challenge_id", "pk").iterator(chunk_size=AT_ONCE)
    for challenge, told in groupby(found, key=lambda story: story.challenge_id):
        engine = roll().within(challenge)
        while several := [story for story, _ in zip(told, range(AT_ONCE), strict=False)]:
            engine.add(
                [story.pk for story in several],
                [read(story.traits_then) for story in several],
                beside=[columns.numbers_of(facts_of(story)) for story in several],
            )


def with_captions(stories: Stories) -> Stories:
    return stories.annotate(captioned=Exists(Captions.objects.filter(video=OuterRef("video"))))


def facts_of(story: Story) -> StoryFacts:
    """Return what the gates need of a story, out of its row."""
    return StoryFacts(
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
    )


def _connected() -> AbstractContextManager[Any]:
    connection.ensure_connection()
    return nullcontext(connection.connection)
