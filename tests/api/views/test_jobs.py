"""Operators look after work that was set aside; for them only, and with a second factor."""

import uuid

import pytest
from rest_framework.test import APIClient

from accounts.models import Role, User
from jobs import queue
from jobs.models import Job, JobState
from tests.api.conftest import logged_in_api_client
from tests.people import create_person

pytestmark = pytest.mark.django_db
JOBS_PATH = "/api/v1/operate/jobs"


@pytest.fixture
def ola(db: None) -> User:
    return create_person("ola", Role.OPERATOR)


@pytest.fixture
def as_ola(ola: User) -> APIClient:
    return logged_in_api_client(ola, second_factor=True)


def set_aside() -> Job:
    job = queue.enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=3, reason="The worker died.")
    return job


def test_work_that_was_set_aside_is_listed_with_its_reason(as_ola: APIClient) -> None:
    job = set_aside()
    queue.enqueue_job("tests.nothing", uuid.uuid4())
    (told,) = as_ola.get(JOBS_PATH).json()["items"]
    assert (told["id"], told["reason"], told["attempts"]) == (str(job.pk), "The worker died.", 3)


def test_it_is_tried_again_once(as_ola: APIClient) -> None:
    job = set_aside()
    answer = as_ola.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    assert as_ola.get(JOBS_PATH).json()["items"] == []
    again = as_ola.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "not_set_aside")


def test_work_that_does_not_exist_is_not_found(as_ola: APIClient) -> None:
    assert as_ola.post(f"{JOBS_PATH}/{uuid.uuid4()}/retry", {}, format="json").status_code == 404


def test_it_is_for_operators_with_a_second_factor(
    as_nobody: APIClient, as_bo: APIClient, as_mo: APIClient, ola: User
) -> None:
    job = set_aside()
    expected = [
        (as_nobody, 401, "sign_in"),
        (as_bo, 403, "not_an_operator"),
        (as_mo, 403, "not_an_operator"),
        (logged_in_api_client(ola), 403, "second_factor"),
    ]
    for client, status, code in expected:
        for answer in (client.get(JOBS_PATH), client.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json")):
            assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Job.objects.count() == 1
