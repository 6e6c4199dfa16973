"""A ring names a queue; what is done, and within which limits, is found out when it is heard."""

import time
import uuid
from collections.abc import Iterator

import kombu
import pytest
from celery import current_app

from jobs import desk
from jobs.celery_bridge import KINDS, job_task, rings_waiting, work_task
from jobs.leasing import GiveUp, Run
from jobs.models import Job, JobState, Queue

pytestmark = pytest.mark.django_db(transaction=True)


class Done(list[str]):
    """Subjects in the order in which they were worked on."""


@pytest.fixture
def done() -> Iterator[Done]:
    heard = Done()

    @job_task(kind="tests.note", soft_time_limit=5, time_limit=6)
    def note_task(run: Run) -> None:
        heard.append(run.subject)

    @job_task(kind="tests.slow", soft_time_limit=1, time_limit=5)
    def slow_task(run: Run) -> None:
        time.sleep(4)

    @job_task(kind="tests.hopeless", soft_time_limit=5, time_limit=6)
    def hopeless_task(run: Run) -> None:
        raise GiveUp("This is not a recording.")

    yield heard
    for kind in ("tests.note", "tests.slow", "tests.hopeless"):
        del KINDS[kind]


@pytest.fixture(autouse=True)
def _silence() -> None:
    """Throw away rings that earlier tests left with the broker: no worker hears them here."""
    with current_app.connection_for_write() as connection:
        for queue in Queue:
            kombu.Queue(queue.value)(connection.default_channel).purge()


def test_a_ring_does_the_job_whose_turn_it_is_and_not_the_one_it_was_sent_for(done: Done) -> None:
    desk.enqueue("tests.note", "first of bo", whose="bo")
    desk.enqueue("tests.note", "second of bo", whose="bo")
    desk.enqueue("tests.note", "first of ana", whose="ana")
    for _ in range(3):
        work_task(Queue.QUICK.value)
    assert done == ["first of bo", "first of ana", "second of bo"]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_a_ring_that_comes_five_times_does_the_work_once(done: Done) -> None:
    job = desk.enqueue("tests.note", uuid.uuid4())
    for _ in range(5):
        work_task(Queue.QUICK.value)
    assert done == [job.subject]


def test_work_that_takes_too_long_fails_its_attempt_and_is_tried_again(done: Done) -> None:
    job = desk.enqueue("tests.slow", uuid.uuid4())
    began = time.monotonic()
    with pytest.raises(Exception, match="longer than 1 s"):
        work_task(Queue.QUICK.value)
    assert time.monotonic() - began < 3
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.WAITING, "TookTooLong: it took longer than 1 s")


def test_work_that_cannot_succeed_is_set_aside_with_its_words(done: Done) -> None:
    job = desk.enqueue("tests.hopeless", uuid.uuid4())
    work_task(Queue.QUICK.value)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.QUARANTINED, "GiveUp: This is not a recording.")


def test_every_job_rings_once_in_its_queue() -> None:
    for _ in range(3):
        desk.enqueue("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert {queue: rings_waiting(queue) for queue in Queue} == {
        Queue.MEDIA: 3,
        Queue.QUICK: 0,
        Queue.INDEX: 0,
    }


def test_the_sweeper_rings_only_as_often_as_rings_are_lacking() -> None:
    for _ in range(5):
        desk.enqueue("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    Job.objects.update(rung_at=None)
    assert desk.sweep() == 0
    with current_app.connection_for_write() as connection:
        kombu.Queue(Queue.MEDIA.value)(connection.default_channel).purge()
    desk.enqueue("tests.note", uuid.uuid4(), queue=Queue.MEDIA)
    assert desk.sweep() == 5
    assert rings_waiting(Queue.MEDIA) == 6
