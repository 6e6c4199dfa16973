"""Loads what a viewer rated, watched, saved and hid: the viewer's side of the gates and of the re-ranking."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from challenges.models import Reading, ReadingMoment

# Viewings leave one reading each; there may be other readings between them.
RECENT_READINGS = 12

# One statement, because each round trip through the ORM costs more than all of these look-ups together.
HISTORY = """
select
    array(
        select array[rung.position, rating.value]
        from challenges_rating rating join challenges_rung rung on rung.id = rating.rung_id
        where rating.reading_id = %(reading)s
    ),
    array(
        select array[reading.moment, avg(rating.value)::text]
        from challenges_reading reading join challenges_rating rating on rating.reading_id = reading.id
        where reading.person_id = %(viewer)s and reading.challenge_id = %(challenge)s
            and reading.taken_at <= %(taken_at)s
        group by reading.id
        order by reading.taken_at desc, reading.id desc
        limit %(recent_readings)s
    ),
    array(select teller_id from practice_hiddenteller where person_id = %(viewer)s),
    array(
        select story_id from practice_viewing where viewer_id = %(viewer)s and started_at >= %(watched_since)s
    ),
    array(select story_id from practice_savedstory where person_id = %(viewer)s),
    array(select story_id from practice_lesslike where person_id = %(viewer)s order by said_at desc, id desc)
"""


@dataclass(frozen=True)
class ViewerHistory:
    """What one viewer did up to one reading.

    Attributes
    ----------
    ratings
        Rung position to rating (0 to 100) in this reading.
    recent_means
        Moment and mean rating of the readings up to this one on its challenge, newest first.
    less_like
        Stories of which the viewer wants fewer, on any challenge, latest first.
    """

    ratings: Mapping[int, int]
    recent_means: Sequence[tuple[ReadingMoment, float]]
    hidden_tellers: frozenset[uuid.UUID]
    watched: frozenset[uuid.UUID]
    saved: frozenset[uuid.UUID]
    less_like: Sequence[uuid.UUID]


def load_viewer_history(reading: Reading, *, watched_since: datetime) -> ViewerHistory:
    with connection.cursor() as cursor:
        cursor.execute(
            HISTORY,
            {
                "reading": reading.pk,
                "viewer": reading.person_id,
                "challenge": reading.challenge_id,
                "taken_at": reading.taken_at,
                "recent_readings": RECENT_READINGS,
                "watched_since": watched_since,
            },
        )
        ratings, means, hidden_tellers, watched, saved, less_like = cursor.fetchone()
    return ViewerHistory(
        ratings=dict(ratings),
        recent_means=[(ReadingMoment(moment), float(mean)) for moment, mean in means],
        hidden_tellers=frozenset(hidden_tellers),
        watched=frozenset(watched),
        saved=frozenset(saved),
        less_like=less_like,
    )
