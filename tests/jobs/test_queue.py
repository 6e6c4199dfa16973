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


def test_the_same_work_handed_in_twice_is_one_job() -> None:
    subject = uuid.uuid4()

    assert queue.enqueue_job("tests.nothing", subject) == queue.enqueue_job("tests.nothing", subject)
    assert Job.objects.for_subject(subject).count() == 1


def test_finished_work_can_be_handed_in_again() -> None:
    subject = uuid.uuid4()
    queue.enqueue_job("tests.nothing", subject)
    queue.cancel_jobs("tests.nothing", subject)

    assert queue.enqueue_job("tests.nothing", subject).state == JobState.WAITING


def test_a_job_is_rung_for_only_after_its_transaction_has_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as rings:
        job = queue.enqueue_job("tests.nothing", uuid.uuid4())
        assert Job.objects.get(pk=job.pk).rung_at is None

    assert len(rings) == 1
    assert Job.objects.get(pk=job.pk).rung_at is not None


def test_a_job_vanishes_with_the_transaction_that_wanted_it() -> None:
    subject = uuid.uuid4()

    class ChangedTheirMindError(Exception):
        pass

    with pytest.raises(ChangedTheirMindError), transaction.atomic():
        queue.enqueue_job("tests.nothing", subject)
        raise ChangedTheirMindError

    assert not Job.objects.for_subject(subject).exists()


@pytest.fixture
def forgotten() -> Job:
    job = queue.enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(rung_at=Now() - timedelta(minutes=1))
    return job


def test_the_sweeper_rings_again_for_a_job_that_was_forgotten(forgotten: Job) -> None:
    assert queue.sweep_jobs() == 1


def test_the_sweeper_leaves_alone_what_was_rung_for_a_moment_ago(forgotten: Job) -> None:
    Job.objects.filter(pk=forgotten.pk).update(rung_at=Now())

    assert queue.sweep_jobs() == 0


def test_the_sweeper_rings_for_a_job_whose_worker_died(forgotten: Job) -> None:
    assert acquire_lease(forgotten.pk) is not None
    assert queue.sweep_jobs() == 0
    Job.objects.filter(pk=forgotten.pk).update(lease_until=Now() - timedelta(seconds=1))

    assert queue.sweep_jobs() == 1


def test_work_that_was_set_aside_can_be_tried_again(forgotten: Job) -> None:
    Job.objects.filter(pk=forgotten.pk).update(state=JobState.QUARANTINED)

    again = queue.retry_job(forgotten)
    assert again.pk != forgotten.pk
    assert (again.subject, again.state) == (forgotten.subject, JobState.WAITING)
