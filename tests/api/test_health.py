import time

import pytest
from django.db.models.functions import Now
from pytest_django import Settings
from rest_framework.test import APIClient

from api import health
from jobs.models import Job, JobState
from media import canary

UNRESPONSIVE_ADDRESS = "127.0.0.1:1"


def test_ready_when_all_services_respond(as_nobody: APIClient, bucket: str) -> None:
    response = as_nobody.get("/api/v1/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_not_ready_without_the_bucket(as_nobody: APIClient, settings: Settings) -> None:
    settings.S3_BUCKET = "missing-bucket"
    response = as_nobody.get("/api/v1/ready")
    assert (response.status_code, response.json()["code"]) == (503, "not_ready")
    assert [error["field"] for error in response.json()["errors"]] == ["bucket"]


def test_readiness_names_each_unresponsive_service_within_the_timeouts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = f"redis://{UNRESPONSIVE_ADDRESS}/0"
    settings.S3_ENDPOINT = f"http://{UNRESPONSIVE_ADDRESS}"
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", "1")
    start = time.monotonic()
    with pytest.raises(health.NotReady) as caught:
        health.check_readiness()
    assert list(caught.value.unresponsive) == ["database", "broker", "bucket"]
    assert time.monotonic() - start < 4 * health.TIMEOUT_SECONDS


def test_liveness_needs_no_other_service(as_nobody: APIClient, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://{UNRESPONSIVE_ADDRESS}/0"
    assert as_nobody.get("/api/v1/health").status_code == 200


@pytest.mark.usefixtures("bucket")
def test_healthz_is_ready_after_a_successful_canary(as_nobody: APIClient) -> None:
    response = as_nobody.get("/healthz")
    assert (response.status_code, response.json()["parts"]["recordings"]) == (503, "unknown")
    Job.objects.filter(pk=canary.enqueue_canary().pk).update(state=JobState.DONE, finished_at=Now())
    response = as_nobody.get("/healthz")
    parts = {"database": "ok", "broker": "ok", "bucket": "ok", "recordings": "fine"}
    assert (response.status_code, response.json()) == (200, {"status": "ready", "parts": parts})
    assert response["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("bucket")
def test_healthz_reports_a_failing_canary_without_its_reason(as_nobody: APIClient) -> None:
    Job.objects.filter(pk=canary.enqueue_canary().pk).update(
        state=JobState.QUARANTINED, finished_at=Now(), reason="internal details"
    )
    response = as_nobody.get("/healthz")
    assert (response.status_code, response.json()["parts"]["recordings"]) == (503, "failing")
    assert b"internal details" not in response.content


def test_healthz_responds_without_the_database(
    as_nobody: APIClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", "1")
    response = as_nobody.get("/healthz")
    assert response.status_code == 503
    assert (response.json()["parts"]["database"], response.json()["parts"]["recordings"]) == (
        "silent",
        "unknown",
    )
