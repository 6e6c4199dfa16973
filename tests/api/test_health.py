"""Ready means that every server answers; one that does not is named."""

import time

import pytest
from django.db.models.functions import Now
from pytest_django import Settings
from rest_framework.test import APIClient

from api import health
from jobs.models import Job, JobState
from media import canary

UNRESPONSIVE_ADDRESS = "127.0.0.1:1"


def test_with_all_servers_there_we_are_ready(as_nobody: APIClient, bucket: str) -> None:
    answer = as_nobody.get("/api/v1/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_without_its_bucket_we_are_not(as_nobody: APIClient, settings: Settings) -> None:
    settings.S3_BUCKET = "nobody-made-this"
    answer = as_nobody.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert [error["field"] for error in answer.json()["errors"]] == ["bucket"]


def test_each_server_that_is_gone_is_named_and_soon(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = f"redis://{UNRESPONSIVE_ADDRESS}/0"
    settings.S3_ENDPOINT = f"http://{UNRESPONSIVE_ADDRESS}"
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", "1")
    began = time.monotonic()
    with pytest.raises(health.NotReady) as refused:
        health.check_readiness()
    assert list(refused.value.unresponsive) == ["database", "broker", "bucket"]
    assert time.monotonic() - began < 4 * health.TIMEOUT_SECONDS


def test_being_alive_needs_nobody(as_nobody: APIClient, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://{UNRESPONSIVE_ADDRESS}/0"
    assert as_nobody.get("/api/v1/health").status_code == 200


@pytest.mark.usefixtures("bucket")
def test_the_whole_house_is_ready_once_a_recording_got_through(as_nobody: APIClient) -> None:
    answer = as_nobody.get("/healthz")
    assert (answer.status_code, answer.json()["parts"]["recordings"]) == (503, "unknown")
    Job.objects.filter(pk=canary.enqueue_canary().pk).update(state=JobState.DONE, finished_at=Now())
    answer = as_nobody.get("/healthz")
    parts = {"database": "ok", "broker": "ok", "bucket": "ok", "recordings": "fine"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": parts})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("bucket")
def test_a_house_where_recordings_fall_says_so_and_not_why(as_nobody: APIClient) -> None:
    Job.objects.filter(pk=canary.enqueue_canary().pk).update(
        state=JobState.QUARANTINED, finished_at=Now(), reason="a secret of ours"
    )
    answer = as_nobody.get("/healthz")
    assert (answer.status_code, answer.json()["parts"]["recordings"]) == (503, "failing")
    assert b"secret" not in answer.content


def test_a_house_without_its_database_still_answers(
    as_nobody: APIClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", "1")
    answer = as_nobody.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["parts"]["database"], answer.json()["parts"]["recordings"]) == ("silent", "unknown")
