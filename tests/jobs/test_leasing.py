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


class DecoderCrashedError(Exception):
    pass


def create_job() -> Job:
    return queue.enqueue_job("tests.nothing", uuid.uuid4())


def expire_lease(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(not_before=Now())


def test_leaving_the_run_without_error_marks_the_job_done() -> None:
    job = create_job()

    run = acquire_lease(job.pk)
    assert run is not None
    with run:
        run.report_progress("working", 40)
        job.refresh_from_db()
        assert (job.state, job.stage, job.percent) == (JobState.RUNNING, "working", 40)

    job.refresh_from_db()
    assert (job.state, job.percent, job.attempts) == (JobState.DONE, 100, 1)


def test_a_leased_job_cannot_be_leased_again() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        assert acquire_lease(job.pk) is None


def test_a_finished_job_cannot_be_leased_again() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        pass

    assert acquire_lease(job.pk) is None


def test_concurrent_lease_attempts_by_twenty_workers_have_one_winner() -> None:
    job = create_job()
    start, runs = threading.Barrier(20), []

    def acquire() -> None:
        start.wait()
        run = acquire_lease(job.pk)
        if run is not None:
            runs.append(run)
        connection.close()

    workers = [threading.Thread(target=acquire) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(runs) == 1


def test_progress_reported_after_lease_expiry_raises_and_writes_nothing() -> None:
    job = create_job()
    expired_run = acquire_lease(job.pk)
    expire_lease(job)
    new_run = acquire_lease(job.pk)
    assert expired_run is not None
    assert new_run is not None

    with pytest.raises(LeaseLost):
        expired_run.report_progress("late", 99)
    with new_run:
        pass

    job.refresh_from_db()
    assert (job.state, job.stage, job.token) == (JobState.DONE, "", 2)


def test_finishing_with_an_outdated_token_changes_nothing() -> None:
    job = create_job()
    expired_run = acquire_lease(job.pk)
    expire_lease(job)
    new_run = acquire_lease(job.pk)
    assert expired_run is not None
    assert new_run is not None

    with pytest.raises(LeaseLost), expired_run:
        pass
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.token == new_run.token


def test_a_failed_attempt_is_retried_after_a_delay() -> None:
    job = create_job()
    with pytest.raises(DecoderCrashedError), acquire_lease(job.pk) or pytest.fail("the job should be free"):
        raise DecoderCrashedError("once")

    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.WAITING, "DecoderCrashedError: once")
    assert acquire_lease(job.pk) is None
    make_due(job)
    assert acquire_lease(job.pk) is not None


def test_a_job_is_quarantined_with_its_reason_after_three_failures() -> None:
    job = create_job()
    for _ in range(MAX_ATTEMPTS):
        make_due(job)
        with (
            pytest.raises(DecoderCrashedError),
            acquire_lease(job.pk) or pytest.fail("the job should be free"),
        ):
            raise DecoderCrashedError("again")

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUARANTINED, 3)
    assert "again" in job.reason


def test_a_job_is_quarantined_when_its_worker_dies_in_every_attempt() -> None:
    job = create_job()
    for _ in range(MAX_ATTEMPTS):
        assert acquire_lease(job.pk) is not None
        expire_lease(job)

    assert acquire_lease(job.pk) is None
    job.refresh_from_db()
    assert job.state == JobState.QUARANTINED
    assert "died in each of 3 attempts" in job.reason


def test_a_permanent_failure_quarantines_the_job_without_retries() -> None:
    job = create_job()
    with acquire_lease(job.pk) or pytest.fail("the job should be free"):
        raise PermanentFailure("This is not a recording.")

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUARANTINED, 1)


def test_heartbeats_extend_the_lease_while_the_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.leasing.HEARTBEAT_SECONDS", 0.05)
    job = create_job()
    run = acquire_lease(job.pk)
    assert run is not None
    job.refresh_from_db()
    initial_lease_until = job.lease_until

    with run:
        threading.Event().wait(0.4)
        job.refresh_from_db()

    assert initial_lease_until is not None
    assert job.lease_until is not None
    assert job.lease_until > initial_lease_until


def test_cancelling_a_running_job_revokes_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
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
