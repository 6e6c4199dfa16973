"""A ring names a queue; what is done, and within which limits, is found out when it is heard."""

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
    """Subjects in the order in which they were worked on."""


@pytest.fixture
def done() -> Iterator[CompletedSubjects]:
    heard = CompletedSubjects()

    @job_task(kind="tests.note", soft_time_limit=5, time_limit=6)
    def note_task(run: JobRun) -> None:
        heard.append(run.subject)

    @job_task(kind="tests.slow", soft_time_limit=1, time_limit=5)
    def slow_task(run: JobRun) -> None:
        time.sleep(4)

    @job_task(kind="tests.hopeless", soft_time_limit=5, time_limit=6)
    def hopeless_task(run: JobRun) -> None:
        raise PermanentFailure("This is not a recording.")

    yield heard
    for kind in ("tests.note", "tests.slow", "tests.hopeless"):
        del JOB_KINDS[kind]


@pytest.fixture(autouse=True)
def _silence() -> None:
    """Throw away rings that earlier tests left with the broker: no worker hears them here."""
    with current_app.connection_for_write() as connection:
        for job_queue in Queue:
            kombu.Queue(job_queue.value)(connection.default_channel).purge()


def test_a_ring_does_the_job_whose_turn_it_is_and_not_the_one_it_was_sent_for(
    done: CompletedSubjects,
) -> None:
    queue.enqueue_job("tests.note", "first of bo", owner_key="bo")
    queue.enqueue_job("tests.note", "second of bo", owner_key="bo")
    queue.enqueue_job("tests.note", "first of ana", owner_key="ana")
    for _ in range(3):
        work_task(Queue.QUICK.value)
    assert done == ["first of bo", "first of ana", "second of bo"]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_a_ring_that_comes_five_times_does_the_work_once(done: CompletedSubjects) -> None:
    job = queue.enqueue_job("tests.note", uuid.uuid4())
    for _ in range(5):
        work_task(Queue.QUICK.value)
    assert done == [job.subject]


def test_work_that_takes_too_long_fails_its_attempt_and_is_tried_again(done: CompletedSubjects) -> None:
    job = queue.enqueue_job("tests.slow", uuid.uuid4())
    began = time.monotonic()
    with pytest.raises(Exception, match="longer than 1 s"):
        work_task(Queue.QUICK.value)
    assert time.monotonic() - began < 3
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.WAITING, "JobTimedOut: it took longer than 1 s")


def test_work_that_cannot_succeed_is_set_aside_with_its_words(done: CompletedSubjects) -> None:
    job = queue.enqueue_job("tests.hopeless", uuid.uuid4())
    work_task(Queue.QUICK.value)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.QUARANTINED, "PermanentFailure: This is not a recording.")


def test_every_job_rings_once_in_its_queue() -> None:
    for _ in range(3):
        queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert {job_queue: broker_queue_length(job_queue) for job_queue in Queue} == {
        Queue.MEDIA: 3,
        Queue.QUICK: 0,
        Queue.INDEX: 0,
    }


def test_the_sweeper_rings_only_as_often_as_rings_are_lacking() -> None:
    for _ in range(5):
        queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    Job.objects.update(rung_at=None)
    assert queue.sweep_jobs() == 0
    with current_app.connection_for_write() as connection:
        kombu.Queue(Queue.MEDIA.value)(connection.default_channel).purge()
    queue.enqueue_job("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert queue.sweep_jobs() == 5
    assert broker_queue_length(Queue.MEDIA) == 6
