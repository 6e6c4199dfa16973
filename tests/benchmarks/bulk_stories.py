"""Inserts many published stories: one is published by the product's own functions and then copied inside PostgreSQL."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection, models, transaction

from accounts.models import Role, User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge
from media.models import Captions, Upload, Video
from stories.models import CatalogueChange, Story
from tests.benchmarks.profile_data import generate_people
from tests.people import create_person
from tests.story_factories import create_published_story

STORIES_PER_TELLER = 4
TEMP_TABLE_COLUMNS = (
    "number integer, story uuid, teller uuid, upload uuid, video uuid, challenge bigint, traits jsonb,"
    " start_rung integer, end_rung integer, kind text"
)


@transaction.atomic
def insert_stories(challenges: list[Challenge], *, stories: int, seed: int) -> Story:
    """Insert stories, spread evenly over the challenges, four by each teller; return the original."""
    bo, mo = create_person("bo"), create_person("mo", Role.MODERATOR)
    first = create_published_story(bo, challenges[0], by=mo, traits_then={"age": 30})
    with connection.cursor() as cursor:
        _create_temp_rows(cursor, challenges, stories, seed)
        video = Video.objects.get(story=first)
        label = "number::text || '-'"
        _insert_copies(
            cursor,
            User,
            bo,
            {"id": "teller", "email": f"{label} || email", "handle": f"{label} || handle"},
            where=f"mod(number, {STORIES_PER_TELLER}) = 0",
        )
        _insert_copies(
            cursor, Upload, video.upload, {"id": "upload", "owner_id": "teller", "key": "upload::text"}
        )
        _insert_copies(cursor, Video, video, {"id": "video", "owner_id": "teller", "upload_id": "upload"})
        _insert_copies(cursor, Captions, video.captions.get(), {"video_id": "video"})
        identifiers = {"id": "story", "teller_id": "teller", "video_id": "video", "challenge_id": "challenge"}
        random_columns = {
            "traits_then": "traits",
            "start_rung": "start_rung",
            "end_rung": "end_rung",
            "model_kind": "kind",
        }
        _insert_copies(
            cursor,
            Story,
            first,
            identifiers | {column: f"new_story.{value}" for column, value in random_columns.items()},
        )
        _insert_copies(cursor, CatalogueChange, first.catalogue_changes.get(), {"story_id": "story"})
        cursor.execute("ANALYZE")
    return first


def _create_temp_rows(cursor: Any, challenges: list[Challenge], count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    profiles = generate_people(TRAIT_CATALOGUE, count, missing=0.4, rng=rng)
    starts = rng.integers(0, 4, size=count).tolist()
    cursor.execute(f"CREATE TEMP TABLE new_story ({TEMP_TABLE_COLUMNS}) ON COMMIT DROP")
    teller = uuid.uuid4()
    with cursor.copy("COPY new_story FROM STDIN") as copy:
        for number, (profile, start) in enumerate(zip(profiles, starts, strict=True)):
            teller = uuid.uuid4() if number % STORIES_PER_TELLER == 0 else teller
            copy.write_row(
                (
                    number,
                    uuid.uuid4(),
                    teller,
                    uuid.uuid4(),
                    uuid.uuid4(),
                    challenges[number % len(challenges)].pk,
                    json.dumps(TRAIT_CATALOGUE.answers_to_json(profile)),
                    start,
                    start + 1 + number % 3,
                    "mastery" if number % 10 < 3 else "coping",
                )
            )


def _insert_copies(
    cursor: Any,
    model: type[models.Model],
    row: models.Model,
    overrides: Mapping[str, str],
    *,
    where: str = "TRUE",
) -> None:
    """Copy a row for each new story, with some columns replaced."""
    columns = [
        str(field.column)
        for field in model._meta.local_concrete_fields
        if not isinstance(field, models.BigAutoField)
    ]
    table = model._meta.db_table
    values = [overrides.get(column, f'template."{column}"') for column in columns]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608  # our own names
        f" FROM new_story, {table} template WHERE template.id = %s AND {where}",
        [row.pk],
    )
