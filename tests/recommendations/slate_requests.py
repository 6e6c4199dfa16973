"""Shared steps of the slate tests: rate the ladder, and request today's slate."""

from datetime import UTC, datetime

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from practice.models import Slate
from recommendations import slates

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def todays_slate(viewer: User, challenge: Challenge, *, now: datetime) -> Slate:
    return slates.get_or_create_slate(slates.reading_for_slate(viewer, challenge.slug), now=now)


def rate_ladder(ana: User, challenge: Challenge, *, sure_up_to: int, at: datetime = NOW) -> None:
    ratings = {position: 80 if position <= sure_up_to else 30 for position in range(1, 8)}
    readings.record_reading(challenge, ratings, by=ana, moment=ReadingMoment.BEFORE, at=at)
