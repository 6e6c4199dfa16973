"""Tests of the canary with a real worker, sandbox and object store."""

from pathlib import Path

import pytest
from pytest_django import Settings

from devstack.servers import ports
from jobs.dispatch import work_task
from jobs.leasing import JobRun, acquire_lease
from jobs.models import Job, JobState, Queue, Urgency
from media import canary, storage
from media.canary import CANARY_KIND, CanaryFailed
from media.sandbox import SandboxUnavailable
from media.storage import StoreUnreachable
from media.tasks import canary_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket", "scratch_folder")]


def lease_canary_run() -> JobRun:
    run = acquire_lease(canary.enqueue_canary().pk)
    assert run is not None
    return run


def test_canary_job_succeeds_and_deletes_its_files() -> None:
    job = canary.enqueue_canary()
    assert (job.urgency, job.owner_key) == (Urgency.URGENT, "")
    assert canary_task.__name__ == "canary_task"  # importing the task registers the job kind

    work_task(Queue.MEDIA.value)

    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.DONE, "")
    assert list(storage.list_keys("canary/")) == []


def test_unfinished_canary_job_is_reused() -> None:
    assert canary.enqueue_canary() == canary.enqueue_canary()
    assert Job.objects.filter(kind=CANARY_KIND).count() == 1


def test_canary_deletes_files_of_a_killed_run(scratch_folder: Path) -> None:
    leftover = scratch_folder / "canary-killed"
    leftover.mkdir(parents=True)
    (leftover / "clip.mp4").write_text("half")
    storage.put_file(leftover / "clip.mp4", key="canary/killed/source", content_type="video/mp4")
    with lease_canary_run() as run:
        canary.run_canary(run)
    assert list(storage.list_keys("canary/")) == []


def test_canary_fails_without_a_sandbox(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    with pytest.raises(SandboxUnavailable), lease_canary_run() as run:
        canary.run_canary(run)


def test_canary_fails_without_an_object_store(settings: Settings) -> None:
    (unused_port,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{unused_port}"
    with pytest.raises(StoreUnreachable), lease_canary_run() as run:
        canary.run_canary(run)


def test_canary_names_an_encoder_that_does_not_work(settings: Settings) -> None:
    settings.FFMPEG = "/bin/false"
    with (
        pytest.raises(CanaryFailed, match="ffmpeg could not encode the test clip"),
        lease_canary_run() as run,
    ):
        canary.run_canary(run)


def test_canary_needs_no_access_to_the_public_endpoint(settings: Settings) -> None:
    settings.S3_PUBLIC_ENDPOINT = "http://media.example"
    with lease_canary_run() as run:
        canary.run_canary(run)
    assert Job.objects.get().state == JobState.DONE
