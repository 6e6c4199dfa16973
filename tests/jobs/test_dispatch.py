"""A wake-up names a queue; the worker picks the job and its time limits when it runs."""

import time
import uuid
from collections.abc import Iterator

import kombu
import pytest
from celery import current_app

from jobs import queue
from jobs.dispatch import JOB_KINDS, broker_queue_length, job_task, work_task
from jobs.leasing import JobRun, PermanentFailure
from jobs.models import Job, JobState, Queue

pytestmark = pytest.mark.django_db(transaction=True)


class CompletedSubjects(list[str]):
    """Subjects in order of completion."""


@pytest.fixture
def completed_subjects() -> Iterator[CompletedSubjects]:
    completed = CompletedSubjects()

    @job_task(kind="tests.note", soft_time_limit=5, time_limit=6)
    def note_task(run: JobRun) -> None:
        completed.append(run.subject)

    @job_task(kind="tests.slow", soft_time_limit=1, time_limit=5)
    def slow_task(run: JobRun) -> None:
        time.sleep(4)

    @job_task(kind="tests.hopeless", soft_time_limit=5, time_limit=6)
    def hopeless_task(run: JobRun) -> None:
        raise PermanentFailure("This is not a recording.")

    yield completed
    for kind in ("tests.note", "tests.slow", "tests.hopeless"):
        del JOB_KINDS[kind]


@pytest.fixture(autouse=True)
def _purge_broker_queues() -> None:
    """Discard wake-ups left by earlier tests; no worker consumes them here."""
    with current_app.connection_for_write() as connection:
        for job_queue in Queue:
            kombu.Queue(job_queue.value)(connection.default_channel).purge()


def test_a_wake_up_runs_the_next_job_in_fair_order_not_the_one_that_sent_it(
    completed_subjects: CompletedSubjects,
) -> None:
    queue.enqueue_job("tests.note", "first of bo", owner_key="bo")
    queue.enqueue_job("tests.note", "second of bo", owner_key="bo")
    queue.enqueue_job("tests.note", "first of ana", owner_key="ana")
    for _ in range(3):
        work_task(Queue.QUICK.value)
    assert completed_subjects == ["first of bo", "first of ana", "second of bo"]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_repeated_wake_ups_run_a_job_once(completed_subjects: CompletedSubjects) -> None:
    job = queue.enqueue_job("tests.note", uuid.uuid4())
    for _ in range(5):
        work_task(Queue.QUICK.value)
    assert completed_subjects == [job.subject]


def test_exceeding_the_soft_time_limit_fails_the_attempt_and_schedules_a_retry(
    completed_subjects: CompletedSubjects,
) -> None:
    job = queue.enqueue_job("tests.slow", uuid.uuid4())
    started_at = time.monotonic()
    with pytest.raises(Exception, match="longer than 1 s"):
        work_task(Queue.QUICK.value)
    assert time.monotonic() - started_at < 3
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.WAITING, "JobTimedOut: the job took longer than 1 s")


def test_a_permanent_failure_quarantines_the_job_with_its_reason(
    completed_subjects: CompletedSubjects,
) -> None:
    job = queue.enqueue_job("tests.hopeless", uuid.uuid4())
    work_task(Queue.QUICK.value)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.QUARANTINED, "PermanentFailure: This is not a recording.")


def test_every_enqueued_job_sends_one_wake_up_to_its_queue() -> None:
    for _ in range(3):
        queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert {job_queue: broker_queue_length(job_queue) for job_queue in Queue} == {
        Queue.MEDIA: 3,
        Queue.QUICK: 0,
        Queue.INDEX: 0,
    }


def test_sweep_sends_only_the_missing_wake_ups() -> None:
    for _ in range(5):
        queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    Job.objects.update(dispatched_at=None)
    assert queue.sweep_jobs() == 0
    with current_app.connection_for_write() as connection:
        kombu.Queue(Queue.MEDIA.value)(connection.default_channel).purge()
    queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert queue.sweep_jobs() == 5
    assert broker_queue_length(Queue.MEDIA) == 6
