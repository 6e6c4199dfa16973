"""Keeps the search table up to date: what engines and gates need of each open story, partitioned by challenge.

Processes load their index from it, or PostgreSQL ranks in it. It is derived from the stories. A publication or withdrawal
writes a `CatalogueChange` in its own transaction, and the next request applies the missing changes, one transaction at a
time. So no request sees an outdated table.

The codes depend on the catalogue of traits, so the table's name has a hash of it: a release with other traits creates its own
table beside that of the previous release.
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
from matching.engine_postgres import PostgresEngine
from matching.postgres_schema import create_tables, drop_tables, empty_tables
from matching.records import RoleModelKind, StoryFacts, StoryOutcome
from matching.story_table import OUTCOMES
from matching.traits import SetTrait
from media.models import Captions
from recommendations.index import codec
from recommendations.models import SearchTableState
from stories.models import CatalogueChange, Story, StoryQuerySet

ADVISORY_LOCK_KEY = 0x5A3B0B1
BATCH_SIZE = 2_000
TABLES_TO_KEEP = 2


@cache
def table_name() -> str:
    """Return the table name of this release's catalogue."""
    schema: list[object] = [
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
    return f"practice_roll_{hashlib.sha256(repr(schema).encode()).hexdigest()[:12]}"


def table_engine() -> PostgresEngine:
    """Return the engine on the search table, with this thread's own connection."""
    return PostgresEngine(
        TRAIT_CATALOGUE, _own_connection, table=table_name(), extra_columns=codec.FACT_COLUMNS
    )


def sync_search_table() -> int:
    """Apply catalogue changes to the search table and return the newest; one query if nothing changed."""
    newest = CatalogueChange.objects.order_by("-pk").values("pk")[:1]
    versions = (
        SearchTableState.objects.filter(name=table_name())
        .values_list("catalogue_version", Subquery(newest))
        .first()
    )
    if versions is not None and versions[0] == (versions[1] or 0):
        return int(versions[0])
    return _sync_under_lock()


@transaction.atomic
def _sync_under_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_KEY])
    newest = CatalogueChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
    states = SearchTableState.objects.filter(name=table_name())
    version = states.values_list("catalogue_version", flat=True).first()
    if version is None or version > newest:  # a new table, or a restored database
        _create_or_empty_tables()
        _insert_stories(Story.objects.open_to_members())
    elif version < newest:
        changes = CatalogueChange.objects.filter(pk__gt=version, pk__lte=newest)
        _update_stories(set(changes.values_list("story_id", flat=True)))
    SearchTableState.objects.update_or_create(name=table_name(), defaults={"catalogue_version": newest})
    return int(newest)


def _create_or_empty_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [table_name()])
        (table,) = cursor.fetchone()
    with _own_connection() as own:
        if table:
            empty_tables(own, table=table_name())
        else:
            create_tables(
                own, TRAIT_CATALOGUE, table=table_name(), keys=uuid.UUID, extra_columns=codec.FACT_COLUMNS
            )


@transaction.atomic
def drop_old_tables() -> None:
    """Drop the tables of earlier releases except the latest, which may still be running."""
    for old in SearchTableState.objects.exclude(name=table_name()).order_by("-catalogue_version")[
        TABLES_TO_KEEP - 1 :
    ]:
        with _own_connection() as own:
            drop_tables(own, table=old.name)
        old.delete()


def _update_stories(changed: Iterable[uuid.UUID]) -> None:
    keys = list(changed)
    for key in codec.story_keys(table_engine().read_rows(among=keys)):
        table_engine().remove(key)
    _insert_stories(Story.objects.open_to_members().filter(pk__in=keys))


def _insert_stories(stories: StoryQuerySet) -> None:
    ordered = annotate_captioned(stories).order_by("challenge_id", "pk").iterator(chunk_size=BATCH_SIZE)
    for challenge, of_challenge in groupby(ordered, key=lambda story: story.challenge_id):
        engine = table_engine().within(challenge)
        while batch := [story for story, _ in zip(of_challenge, range(BATCH_SIZE), strict=False)]:
            engine.add(
                [story.pk for story in batch],
                [parse_stored_answers(story.traits_then) for story in batch],
                extra=[codec.encode_facts(story_facts(story)) for story in batch],
            )


def annotate_captioned(stories: StoryQuerySet) -> StoryQuerySet:
    return stories.annotate(captioned=Exists(Captions.objects.filter(video=OuterRef("video"))))


def story_facts(story: Story) -> StoryFacts:
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


def _own_connection() -> AbstractContextManager[Any]:
    connection.ensure_connection()
    return nullcontext(connection.connection)
