import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import IdempotentResponse
from api.tasks import delete_expired_responses_task
from challenges.models import Challenge
from practice.models import Step
from tests.api.conftest import logged_in_api_client
from tests.people import create_person
from tests.story_factories import create_challenge

STEP = {"challenge": "the-conversation", "rung": 1, "text": "Write one sentence."}


def commit_step(client: APIClient, key: str, **changes: object) -> Any:
    return client.post("/api/v1/steps", STEP | changes, format="json", headers={"Idempotency-Key": key})


def test_a_repeated_key_replays_the_first_response(as_ana: APIClient, the_conversation: Challenge) -> None:
    first, second = commit_step(as_ana, "k1"), commit_step(as_ana, "k1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first["Location"] == second["Location"]
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Step.objects.count() == 1


def test_requests_without_a_key_are_all_executed(as_ana: APIClient, the_conversation: Challenge) -> None:
    for _ in range(2):
        as_ana.post("/api/v1/steps", STEP, format="json")
    assert Step.objects.count() == 2


def test_a_key_cannot_be_reused_for_another_request(as_ana: APIClient, the_conversation: Challenge) -> None:
    commit_step(as_ana, "k1")
    response = commit_step(as_ana, "k1", text="Something else.")
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Step.objects.count() == 1


def test_keys_are_scoped_to_the_user(
    as_ana: APIClient, as_sam: APIClient, the_conversation: Challenge
) -> None:
    assert commit_step(as_ana, "k1").json()["id"] != commit_step(as_sam, "k1").json()["id"]


def test_error_responses_are_not_stored(as_ana: APIClient, the_conversation: Challenge) -> None:
    assert commit_step(as_ana, "k1", rung=9).status_code == 400
    assert IdempotentResponse.objects.count() == 0
    assert commit_step(as_ana, "k1").status_code == 201


def test_a_key_expires(as_ana: APIClient, the_conversation: Challenge) -> None:
    first = commit_step(as_ana, "k1").json()["id"]
    IdempotentResponse.objects.update(stored_at=timezone.now() - timedelta(hours=25))
    assert commit_step(as_ana, "k1").json()["id"] != first


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["empty", "too long"])
def test_an_invalid_key_is_rejected(as_ana: APIClient, the_conversation: Challenge, key: str) -> None:
    response = commit_step(as_ana, key)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_with_one_key_are_executed_once() -> None:
    create_challenge("the-conversation")
    ana = create_person("ana")
    clients = [logged_in_api_client(ana) for _ in range(6)]
    barrier = threading.Barrier(len(clients))
    ids: list[str] = []

    def send(client: APIClient) -> None:
        barrier.wait()
        ids.append(commit_step(client, "k1").json()["id"])
        connection.close()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == len(clients)
    assert len(set(ids)) == Step.objects.count() == 1


def test_the_periodic_task_deletes_expired_responses(
    as_ana: APIClient, as_bo: APIClient, the_conversation: Challenge
) -> None:
    for client, key in ((as_ana, "old"), (as_bo, "recent")):
        commit_step(client, key)
    IdempotentResponse.objects.filter(key="old").update(
        stored_at=timezone.now() - timedelta(days=1, seconds=1)
    )

    delete_expired_responses_task()

    assert list(IdempotentResponse.objects.values_list("key", flat=True)) == ["recent"]
