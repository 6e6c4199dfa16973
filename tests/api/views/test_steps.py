"""One small step, and how it went."""

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
def step(as_ana: APIClient, the_conversation: Challenge) -> str:
    answer = as_ana.post("/api/v1/steps", STEP, format="json")
    assert answer.status_code == 201
    where: str = answer["Location"]
    return where


def test_a_step_is_found_where_the_answer_says(as_ana: APIClient, step: str) -> None:
    assert as_ana.get(step).json()["text"] == STEP["text"]


def test_saying_how_it_went(as_ana: APIClient, step: str) -> None:
    answer = as_ana.post(f"{step}/attempts", {"result": "partly"}, format="json")
    assert (answer.status_code, answer.json()["attribution"]) == (201, "")
    as_ana.post(f"{step}/attempts", {"result": "done", "attribution": "effort"}, format="json")
    assert [one["result"] for one in as_ana.get(step).json()["attempts"]] == ["partly", "done"]


def test_a_strangers_step_is_not_there(as_sam: APIClient, step: str) -> None:
    assert as_sam.get(step).status_code == 404
    assert as_sam.post(f"{step}/attempts", {"result": "done"}, format="json").status_code == 404
    assert as_sam.get("/api/v1/steps").json()["items"] == []
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"challenge": "none"}, {"rung": 8}, {"rung": 0}, {"text": "  "}, {"text": "x" * 301}, {"text": 5}],
    ids=str,
)
def test_a_step_that_cannot_be_kept_says_why(
    as_ana: APIClient, the_conversation: Challenge, change: dict[str, object]
) -> None:
    answer = as_ana.post("/api/v1/steps", STEP | change, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(change)


def test_a_longer_list_asks_no_more(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            kept = steps.create_step(the_conversation, "Try.", by=people.ana, rung=1, now=timezone.now())
            steps.record_attempt(kept, "done", by=people.ana, attribution="", now=timezone.now())

    assert_constant_query_count(as_ana, "/api/v1/steps", add_items=add)
