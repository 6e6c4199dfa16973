from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from challenges import readings
from challenges.models import Challenge, Reading, ReadingMoment
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople

PATH = "/api/v1/challenges/the-conversation/readings"


def post_reading(client: APIClient, value: int, *, moment: str = "before") -> Any:
    ratings = {str(position): value for position in range(1, 8)}
    return client.post(PATH, {"moment": moment, "ratings": ratings}, format="json")


def test_a_reading_returns_the_present_rung(as_ana: APIClient, the_conversation: Challenge) -> None:
    response = post_reading(as_ana, 70)
    assert response.status_code == 201
    assert response.json()["reading"]["present_rung"] == 7
    assert response.json()["change"] is None


def test_a_reading_after_watching_returns_the_change(as_ana: APIClient, the_conversation: Challenge) -> None:
    post_reading(as_ana, 30)
    assert post_reading(as_ana, 50, moment="after").json()["change"] == {
        "before": 30,
        "after": 50,
        "points": 20,
    }


def test_every_rung_needs_a_valid_rating(as_ana: APIClient, the_conversation: Challenge) -> None:
    response = as_ana.post(PATH, {"moment": "before", "ratings": {"1": 70}}, format="json")
    assert response.json()["errors"] == [
        {"field": "ratings.2", "problem": "This rung has no rating.", "fix": "Rate every rung of the ladder."}
    ]
    assert post_reading(as_ana, 75).json()["errors"][0]["field"] == "ratings.1"
    for invalid_ratings in ({"x": 1}, {"01": 10}, {"10": 10}, {"1": "70"}, {"1": True}, {"1": -10}, [70]):
        response = as_ana.post(PATH, {"moment": "before", "ratings": invalid_ratings}, format="json")
        assert (response.status_code, response.json()["code"]) == (400, "invalid"), invalid_ratings
    assert Reading.objects.count() == 0


def test_users_see_only_their_own_readings(
    as_ana: APIClient, as_sam: APIClient, the_conversation: Challenge
) -> None:
    post_reading(as_ana, 30)
    assert len(as_ana.get(PATH).json()["items"]) == 1
    assert as_sam.get(PATH).json()["items"] == []


def test_the_list_has_a_constant_query_count(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add_readings(number: int) -> None:
        for hours in range(number):
            readings.record_reading(
                the_conversation,
                dict.fromkeys(range(1, 8), 10),
                by=people.ana,
                moment=ReadingMoment.BEFORE,
                at=timezone.now() - timedelta(hours=hours),
            )

    assert_constant_query_count(as_ana, PATH, add_items=add_readings)
