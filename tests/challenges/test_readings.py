from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, Rating, Reading, ReadingMoment
from challenges.readings import InvalidRating, present_rung

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ratings", "rung"),
    [
        ({1: 100, 2: 70, 3: 60}, 2),
        ({1: 60, 2: 50, 3: 0}, 0),
        ({1: 60, 2: 80, 3: 0}, 2),
        ({}, 0),
    ],
)
def test_present_rung_is_the_highest_rated_70_or_more(ratings: dict[int, int], rung: int) -> None:
    assert present_rung(ratings) == rung


@given(st.dictionaries(st.integers(1, 9), st.sampled_from(range(0, 101, 10))))
def test_higher_ratings_never_lower_the_present_rung(ratings: dict[int, int]) -> None:
    higher = {position: min(100, value + 10) for position, value in ratings.items()}

    assert present_rung(higher) >= present_rung(ratings)


@pytest.mark.django_db
class TestRecordReading:
    def test_reading_stores_all_ratings_and_the_present_rung(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        ratings = {position: 90 - 10 * position for position in range(1, 8)}

        readings.record_reading(the_conversation, ratings, by=ana, moment=ReadingMoment.BEFORE, at=NOW)

        reading = readings.latest_reading(the_conversation, by=ana)
        assert reading is not None
        assert reading.ratings_by_position() == ratings
        assert reading.present_rung == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [({3: 75}, "ratings.3"), ({3: 110}, "ratings.3"), ({3: -10}, "ratings.3"), ({8: 50}, "ratings.8")],
    )
    def test_invalid_rating_is_refused_and_nothing_is_saved(
        self, ana: User, the_conversation: Challenge, change: dict[int, int], field: str
    ) -> None:
        ratings = dict.fromkeys(range(1, 8), 50) | change

        with pytest.raises(InvalidRating) as refusal:
            readings.record_reading(the_conversation, ratings, by=ana, moment=ReadingMoment.BEFORE, at=NOW)

        assert refusal.value.field == field
        assert not Reading.objects.exists()

    def test_missing_rating_is_refused_with_the_rung(self, ana: User, the_conversation: Challenge) -> None:
        with pytest.raises(InvalidRating) as refusal:
            readings.record_reading(
                the_conversation, dict.fromkeys(range(1, 7), 50), by=ana, moment=ReadingMoment.AFTER, at=NOW
            )

        assert refusal.value.field == "ratings.7"

    def test_database_rejects_ratings_off_the_scale(self, ana: User, the_conversation: Challenge) -> None:
        readings.record_reading(
            the_conversation, dict.fromkeys(range(1, 8), 50), by=ana, moment=ReadingMoment.BEFORE, at=NOW
        )

        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.update(value=55)
