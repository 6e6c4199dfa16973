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

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from matching import RoleModelKind, StoryFacts, StoryOutcome
from matching.engines.postgres import PostgresEngine
from matching.engines.schema import create_tables, drop_tables, empty_tables
from matching.story_table import OUTCOMES
from matching.traits.catalogue import SetTrait
from media.models import Captions
from recommendations.index import codec
from recommendations.models import SearchTableState
from stories.models import CatalogueChange, Story, StoryQuerySet

ADVISORY_LOCK_KEY = 0x5A3B0B1
BATCH_SIZE = 2_000
TABLES_TO_KEEP = 2


@cache
def table_name() -> str:
    """Return the name of the roll on which numbers mean what they mean to this release."""
    meaning: list[object] = [
        [
            (trait.key, trait.levels if isinstance(trait, SetTrait) else trait.values)
            for trait in TRAIT_CATALOGUE
        ],
        [
            [*map(str, names)]
            for names in (codec.MODEL_KINDS, OUTCOMES, codec.CONTENT_NOTES, codec.STRATEGIES)
        ],
        list(codec.FACT_COLUMNS.items()),
    ]
    return f"practice_roll_{hashlib.sha256(repr(meaning).encode()).hexdigest()[:12]}"


def table_engine() -> PostgresEngine:
    """Return the engine that searches the roll, over this thread's own connection."""
    return PostgresEngine(
        TRAIT_CATALOGUE, _database_connection, table=table_name(), beside=codec.FACT_COLUMNS
    )


def sync_search_table() -> int:
    """Bring the roll up to the newest change of the catalogue; return that change. Costs one query if none is new."""
    newest = CatalogueChange.objects.order_by("-pk").values("pk")[:1]
    found = (
        SearchTableState.objects.filter(name=table_name()).values_list("enrolled", Subquery(newest)).first()
    )
    if found is not None and found[0] == (found[1] or 0):
        return int(found[0])
    return _sync_under_lock()


@transaction.atomic
def _sync_under_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_KEY])
    newest = CatalogueChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
    enrolled = SearchTableState.objects.filter(name=table_name()).values_list("enrolled", flat=True).first()
    if enrolled is None or enrolled > newest:  # a new roll, or a database that was set back
        _create_or_empty_table()
        _insert_stories(Story.objects.open_to_members())
    elif enrolled < newest:
        changes = CatalogueChange.objects.filter(pk__gt=enrolled, pk__lte=newest)
        _replace_stories(set(changes.values_list("story_id", flat=True)))
    SearchTableState.objects.update_or_create(name=table_name(), defaults={"enrolled": newest})
    return int(newest)


def _create_or_empty_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [table_name()])
        (there,) = cursor.fetchone()
    with _database_connection() as connected:
        if there:
            empty_tables(connected, table=table_name())
        else:
            create_tables(
                connected, TRAIT_CATALOGUE, table=table_name(), keys=uuid.UUID, beside=codec.FACT_COLUMNS
            )


@transaction.atomic
def drop_old_tables() -> None:
    """Drop rolls of earlier releases but the latest, which may still be at work."""
    for old in SearchTableState.objects.exclude(name=table_name()).order_by("-enrolled")[
        TABLES_TO_KEEP - 1 :
    ]:
        with _database_connection() as connected:
            drop_tables(connected, table=old.name)
        old.delete()


def _replace_stories(changed: Iterable[uuid.UUID]) -> None:
    keys = list(changed)
    for key in codec.story_keys(table_engine().everybody(among=keys)):
        table_engine().remove(key)
    _insert_stories(Story.objects.open_to_members().filter(pk__in=keys))


def _insert_stories(stories: StoryQuerySet) -> None:
    found = annotate_captioned(stories).order_by("challenge_id", "pk").iterator(chunk_size=BATCH_SIZE)
    for challenge, told in groupby(found, key=lambda story: story.challenge_id):
        engine = table_engine().within(challenge)
        while several := [story for story, _ in zip(told, range(BATCH_SIZE), strict=False)]:
            engine.add(
                [story.pk for story in several],
                [parse_stored_answers(story.traits_then) for story in several],
                beside=[codec.encode_facts(story_facts(story)) for story in several],
            )


def annotate_captioned(stories: StoryQuerySet) -> StoryQuerySet:
    return stories.annotate(captioned=Exists(Captions.objects.filter(video=OuterRef("video"))))


def story_facts(story: Story) -> StoryFacts:
    """Return what the gates need of a story, out of its row."""
    return StoryFacts(
        key=story.pk,
        teller=story.teller_id,
        challenge=story.challenge_id,
        start_rung=story.start_rung,
        end_rung=story.end_rung,
        model_kind=RoleModelKind(story.model_kind),
        outcome=StoryOutcome(story.outcome),
        language=story.language,
        has_captions=getattr(story, "captioned", False),
        content_notes=frozenset(story.content_notes),
        strategies=frozenset(story.strategies),
    )


def _database_connection() -> AbstractContextManager[Any]:
    connection.ensure_connection()
    return nullcontext(connection.connection)
