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
def operator(db: None) -> User:
    return create_person("ola", Role.OPERATOR)


@pytest.fixture
def as_operator(operator: User) -> APIClient:
    return logged_in_api_client(operator, second_factor=True)


def create_quarantined_job() -> Job:
    job = queue.enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=3, reason="The worker died.")
    return job


def test_quarantined_jobs_are_listed_with_their_reason(as_operator: APIClient) -> None:
    job = create_quarantined_job()
    queue.enqueue_job("tests.nothing", uuid.uuid4())
    (item,) = as_operator.get(JOBS_PATH).json()["items"]
    assert (item["id"], item["reason"], item["attempts"]) == (str(job.pk), "The worker died.", 3)


def test_a_quarantined_job_is_retried_once(as_operator: APIClient) -> None:
    job = create_quarantined_job()
    response = as_operator.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json")
    assert (response.status_code, response.json()["state"]) == (201, "waiting")
    assert as_operator.get(JOBS_PATH).json()["items"] == []
    second_response = as_operator.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json")
    assert (second_response.status_code, second_response.json()["code"]) == (409, "not_set_aside")


def test_an_unknown_job_is_not_found(as_operator: APIClient) -> None:
    assert as_operator.post(f"{JOBS_PATH}/{uuid.uuid4()}/retry", {}, format="json").status_code == 404


def test_jobs_require_an_operator_with_a_second_factor(
    as_nobody: APIClient, as_bo: APIClient, as_mo: APIClient, operator: User
) -> None:
    job = create_quarantined_job()
    expected = [
        (as_nobody, 401, "sign_in"),
        (as_bo, 403, "not_an_operator"),
        (as_mo, 403, "not_an_operator"),
        (logged_in_api_client(operator), 403, "second_factor"),
    ]
    for client, status, code in expected:
        for response in (
            client.get(JOBS_PATH),
            client.post(f"{JOBS_PATH}/{job.pk}/retry", {}, format="json"),
        ):
            assert (response.status_code, response.json()["code"]) == (status, code)
    assert Job.objects.count() == 1
