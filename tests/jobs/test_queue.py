import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from pytest_django import DjangoCaptureOnCommitCallbacks

from jobs import queue
from jobs.leasing import acquire_lease
from jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


def test_enqueueing_the_same_job_twice_is_idempotent() -> None:
    subject = uuid.uuid4()

    assert queue.enqueue_job("tests.nothing", subject) == queue.enqueue_job("tests.nothing", subject)
    assert Job.objects.for_subject(subject).count() == 1


def test_a_finished_job_can_be_enqueued_again() -> None:
    subject = uuid.uuid4()
    queue.enqueue_job("tests.nothing", subject)
    queue.cancel_jobs("tests.nothing", subject)

    assert queue.enqueue_job("tests.nothing", subject).state == JobState.WAITING


def test_wake_up_is_sent_only_after_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        job = queue.enqueue_job("tests.nothing", uuid.uuid4())
        assert Job.objects.get(pk=job.pk).dispatched_at is None

    assert len(callbacks) == 1
    assert Job.objects.get(pk=job.pk).dispatched_at is not None


def test_rollback_discards_the_job() -> None:
    subject = uuid.uuid4()

    class RollbackError(Exception):
        pass

    with pytest.raises(RollbackError), transaction.atomic():
        queue.enqueue_job("tests.nothing", subject)
        raise RollbackError

    assert not Job.objects.for_subject(subject).exists()


@pytest.fixture
def stale_job() -> Job:
    job = queue.enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(dispatched_at=Now() - timedelta(minutes=1))
    return job


def test_sweep_sends_another_wake_up_for_a_job_dispatched_long_ago(stale_job: Job) -> None:
    assert queue.sweep_jobs() == 1


def test_sweep_skips_recently_dispatched_jobs(stale_job: Job) -> None:
    Job.objects.filter(pk=stale_job.pk).update(dispatched_at=Now())

    assert queue.sweep_jobs() == 0


def test_sweep_sends_a_wake_up_for_a_job_with_an_expired_lease(stale_job: Job) -> None:
    assert acquire_lease(stale_job.pk) is not None
    assert queue.sweep_jobs() == 0
    Job.objects.filter(pk=stale_job.pk).update(lease_until=Now() - timedelta(seconds=1))

    assert queue.sweep_jobs() == 1


def test_retrying_a_quarantined_job_enqueues_a_new_one(stale_job: Job) -> None:
    Job.objects.filter(pk=stale_job.pk).update(state=JobState.QUARANTINED)

    retried = queue.retry_job(stale_job)
    assert retried.pk != stale_job.pk
    assert (retried.subject, retried.state) == (stale_job.subject, JobState.WAITING)
