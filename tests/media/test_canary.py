"""A recording of our own goes all the way; where a part does not do its work it falls, and says at which."""

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


def taken_run() -> JobRun:
    run = acquire_lease(canary.enqueue_canary().pk)
    assert run is not None
    return run


def test_it_goes_all_the_way_and_leaves_nothing() -> None:
    job = canary.enqueue_canary()
    assert (job.urgency, job.owner_key) == (Urgency.URGENT, "")
    assert canary_task.__name__ == "canary_task"  # workers know the kind from here

    work_task(Queue.MEDIA.value)

    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.DONE, "")
    assert list(storage.list_keys("canary/")) == []


def test_there_is_one_at_a_time() -> None:
    assert canary.enqueue_canary() == canary.enqueue_canary()
    assert Job.objects.filter(kind=CANARY_KIND).count() == 1


def test_what_a_killed_one_left_goes_with_the_next(scratch_folder: Path) -> None:
    left = scratch_folder / "canary-killed"
    left.mkdir(parents=True)
    (left / "film.mp4").write_text("half")
    storage.put_file(left / "film.mp4", key="canary/killed/source", content_type="video/mp4")
    with taken_run() as run:
        canary.run_canary(run)
    assert list(storage.list_keys("canary/")) == []


def test_without_walls_it_does_not_start(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    with pytest.raises(SandboxUnavailable), taken_run() as run:
        canary.run_canary(run)


def test_without_a_store_it_does_not_start(settings: Settings) -> None:
    (free,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable), taken_run() as run:
        canary.run_canary(run)


def test_an_encoder_that_makes_nothing_fells_it(settings: Settings) -> None:
    settings.FFMPEG = "/bin/false"
    with pytest.raises(CanaryFailed, match="ffmpeg does not make a film"), taken_run() as run:
        canary.run_canary(run)


def test_it_needs_no_way_to_the_address_that_browsers_use(settings: Settings) -> None:
    settings.S3_PUBLIC_ENDPOINT = "http://media.example"
    with taken_run() as run:
        canary.run_canary(run)
    assert Job.objects.get().state == JobState.DONE
