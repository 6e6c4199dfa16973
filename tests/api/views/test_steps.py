import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from challenges.models import Challenge
from practice import steps
from practice.models import Attempt
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople

STEP = {"challenge": "the-conversation", "rung": 1, "text": "Write one sentence."}


@pytest.fixture
def step_url(as_ana: APIClient, the_conversation: Challenge) -> str:
    response = as_ana.post("/api/v1/steps", STEP, format="json")
    assert response.status_code == 201
    location: str = response["Location"]
    return location


def test_the_location_of_a_new_step_can_be_read(as_ana: APIClient, step_url: str) -> None:
    assert as_ana.get(step_url).json()["text"] == STEP["text"]


def test_attempts_are_recorded(as_ana: APIClient, step_url: str) -> None:
    response = as_ana.post(f"{step_url}/attempts", {"result": "partly"}, format="json")
    assert (response.status_code, response.json()["attribution"]) == (201, "")
    as_ana.post(f"{step_url}/attempts", {"result": "done", "attribution": "effort"}, format="json")
    assert [attempt["result"] for attempt in as_ana.get(step_url).json()["attempts"]] == ["partly", "done"]


def test_a_step_of_another_user_is_not_found(as_sam: APIClient, step_url: str) -> None:
    assert as_sam.get(step_url).status_code == 404
    assert as_sam.post(f"{step_url}/attempts", {"result": "done"}, format="json").status_code == 404
    assert as_sam.get("/api/v1/steps").json()["items"] == []
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"challenge": "none"}, {"rung": 8}, {"rung": 0}, {"text": "  "}, {"text": "x" * 301}, {"text": 5}],
    ids=str,
)
def test_invalid_step_fields_are_rejected(
    as_ana: APIClient, the_conversation: Challenge, change: dict[str, object]
) -> None:
    response = as_ana.post("/api/v1/steps", STEP | change, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == list(change)


def test_the_list_has_a_constant_query_count(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add_steps(number: int) -> None:
        for _ in range(number):
            new_step = steps.create_step(the_conversation, "Try.", by=people.ana, rung=1, now=timezone.now())
            steps.record_attempt(new_step, "done", by=people.ana, attribution="", now=timezone.now())

    assert_constant_query_count(as_ana, "/api/v1/steps", add_items=add_steps)
