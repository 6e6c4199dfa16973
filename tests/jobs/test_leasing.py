import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from jobs import queue
from jobs.leasing import MAX_ATTEMPTS, LeaseLost, PermanentFailure, acquire_lease
from jobs.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


class DecoderFellOverError(Exception):
    pass


def create_job() -> Job:
    return queue.enqueue_job("tests.nothing", uuid.uuid4())


def expire_lease(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(not_before=Now())


def test_a_job_is_done_when_its_work_ends_well() -> None:
    job = create_job()

    run = acquire_lease(job.pk)
    assert run is not None
    with run:
        run.report_progress("working", 40)
        job.refresh_from_db()
        assert (job.state, job.stage, job.percent) == (JobState.RUNNING, "working", 40)

    job.refresh_from_db()
    assert (job.state, job.percent, job.attempts) == (JobState.DONE, 100, 1)


def test_a_held_job_cannot_be_taken_again() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        assert acquire_lease(job.pk) is None


def test_a_finished_job_cannot_be_taken_again() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        pass

    assert acquire_lease(job.pk) is None


def test_of_twenty_workers_that_hear_the_same_ring_one_gets_the_job() -> None:
    job = create_job()
    start, got = threading.Barrier(20), []

    def hear() -> None:
        start.wait()
        run = acquire_lease(job.pk)
        if run is not None:
            got.append(run)
        connection.close()

    workers = [threading.Thread(target=hear) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(got) == 1


def test_a_worker_whose_lease_ran_out_writes_nothing_more() -> None:
    job = create_job()
    slow = acquire_lease(job.pk)
    expire_lease(job)
    quick = acquire_lease(job.pk)
    assert slow is not None
    assert quick is not None

    with pytest.raises(LeaseLost):
        slow.report_progress("late", 99)
    with quick:
        pass

    job.refresh_from_db()
    assert (job.state, job.stage, job.token) == (JobState.DONE, "", 2)


def test_a_late_worker_that_finishes_changes_nothing() -> None:
    job = create_job()
    slow = acquire_lease(job.pk)
    expire_lease(job)
    quick = acquire_lease(job.pk)
    assert slow is not None
    assert quick is not None

    with pytest.raises(LeaseLost), slow:
        pass
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.token == quick.token


def test_a_failed_attempt_waits_a_little_and_is_tried_again() -> None:
    job = create_job()
    with pytest.raises(DecoderFellOverError), acquire_lease(job.pk) or pytest.fail("the job should be free"):
        raise DecoderFellOverError("once")

    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.WAITING, "DecoderFellOverError: once")
    assert acquire_lease(job.pk) is None
    make_due(job)
    assert acquire_lease(job.pk) is not None


def test_a_job_that_fails_three_times_is_set_aside_with_its_reason() -> None:
    job = create_job()
    for _ in range(MAX_ATTEMPTS):
        make_due(job)
        with (
            pytest.raises(DecoderFellOverError),
            acquire_lease(job.pk) or pytest.fail("the job should be free"),
        ):
            raise DecoderFellOverError("again")

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUARANTINED, 3)
    assert "again" in job.reason


def test_a_job_whose_worker_dies_every_time_is_set_aside() -> None:
    job = create_job()
    for _ in range(MAX_ATTEMPTS):
        assert acquire_lease(job.pk) is not None
        expire_lease(job)

    assert acquire_lease(job.pk) is None
    job.refresh_from_db()
    assert job.state == JobState.QUARANTINED
    assert "died 3 times" in job.reason


def test_work_that_can_never_succeed_is_set_aside_at_once() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        raise PermanentFailure("This is not a recording.")

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUARANTINED, 1)


def test_the_lease_is_kept_while_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.leasing.HEARTBEAT_SECONDS", 0.05)
    job = create_job()
    run = acquire_lease(job.pk)
    assert run is not None
    job.refresh_from_db()
    first = job.lease_until

    with run:
        threading.Event().wait(0.4)
        job.refresh_from_db()

    assert first is not None
    assert job.lease_until is not None
    assert job.lease_until > first


def test_cancelled_work_loses_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.leasing.HEARTBEAT_SECONDS", 0.05)
    job = create_job()
    run = acquire_lease(job.pk)
    assert run is not None

    with pytest.raises(LeaseLost), run:
        queue.cancel_jobs(job.kind, job.subject)
        threading.Event().wait(0.4)
        assert run.lease_lost

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
