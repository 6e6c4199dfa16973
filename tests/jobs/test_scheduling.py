"""Whose turn it is: decided on plain values, then on planted queues, then under workers that race."""

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from jobs import queue
from jobs.leasing import MAX_ATTEMPTS, JobRun
from jobs.models import Job, JobState, Queue, Urgency
from jobs.scheduling import PRIORITY_AGING_STEP, OwnerLoad, WaitingJob, fair_order, lease_next_job

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_LOAD = OwnerLoad({}, {})
KINDS = {"tests.encode", "tests.erase"}


def waiting_job(owner_key: str, *, minutes: float = 0, urgency: Urgency = Urgency.USUAL) -> WaitingJob:
    return WaitingJob(uuid.uuid4(), owner_key, urgency, NOON - timedelta(minutes=minutes))


def owners_in_fair_order(jobs: Sequence[WaitingJob], load: OwnerLoad = NO_LOAD) -> list[str]:
    return [one.owner_key for one in fair_order(jobs, load, now=NOON)]


def test_who_came_first_goes_first() -> None:
    assert owners_in_fair_order([waiting_job("ana", minutes=1), waiting_job("bo", minutes=2)]) == [
        "bo",
        "ana",
    ]


def test_who_has_nothing_at_work_goes_before_who_has() -> None:
    load = OwnerLoad({"bo": 1}, {})
    assert owners_in_fair_order([waiting_job("bo", minutes=9), waiting_job("ana")], load) == ["ana", "bo"]


def test_who_was_served_longest_ago_goes_first() -> None:
    load = OwnerLoad({}, {"bo": NOON - timedelta(seconds=5), "ana": NOON - timedelta(minutes=5)})
    jobs = [waiting_job("bo", minutes=9), waiting_job("ana", minutes=1), waiting_job("mo")]
    assert owners_in_fair_order(jobs, load) == ["mo", "ana", "bo"]


def test_what_was_taken_back_goes_before_everything() -> None:
    jobs = [waiting_job("ana", minutes=9), waiting_job("bo", urgency=Urgency.AT_ONCE)]
    assert owners_in_fair_order(jobs, OwnerLoad({"bo": 2}, {"bo": NOON})) == ["bo", "ana"]


def test_what_can_wait_does_but_not_for_ever() -> None:
    later = waiting_job("ana", minutes=5, urgency=Urgency.LATER)
    assert owners_in_fair_order([later, waiting_job("bo")]) == ["bo", "ana"]
    patient = waiting_job("ana", minutes=PRIORITY_AGING_STEP / timedelta(minutes=1), urgency=Urgency.LATER)
    assert owners_in_fair_order([patient, waiting_job("bo")]) == ["ana", "bo"]


def enqueue_encode_job(owner_key: str, *, urgency: Urgency = Urgency.USUAL) -> Job:
    return queue.enqueue_job(
        "tests.encode", uuid.uuid4(), queue=Queue.MEDIA, owner_key=owner_key, urgency=urgency
    )


def lease_next_media_job() -> JobRun | None:
    return lease_next_job(Queue.MEDIA, kinds=KINDS)


def owner_of_run(run: JobRun | None) -> str:
    assert run is not None
    return Job.objects.get(pk=run.job_id).whose


@pytest.mark.django_db(transaction=True)
class TestPlantedQueues:
    def test_twenty_recordings_of_one_person_stand_in_front_of_nobody(self) -> None:
        for _ in range(20):
            enqueue_encode_job("bo")
        enqueue_encode_job("ana")

        first, second = lease_next_media_job(), lease_next_media_job()
        assert [owner_of_run(first), owner_of_run(second)] == ["bo", "ana"]

    def test_also_where_one_worker_does_one_after_the_other(self) -> None:
        for _ in range(5):
            enqueue_encode_job("bo")
        served = []
        for _ in range(4):
            run = lease_next_media_job()
            served.append(owner_of_run(run))
            if served == ["bo"]:
                enqueue_encode_job("ana")
                enqueue_encode_job("ana")
            with run or pytest.fail("something is due"):
                pass
        assert served == ["bo", "ana", "bo", "ana"]

    def test_one_person_alone_keeps_every_worker_busy(self) -> None:
        for _ in range(3):
            enqueue_encode_job("bo")
        assert [owner_of_run(lease_next_media_job()) for _ in range(3)] == ["bo", "bo", "bo"]
        assert lease_next_media_job() is None

    def test_a_person_gets_their_own_jobs_in_the_order_they_came(self) -> None:
        jobs = [enqueue_encode_job("bo") for _ in range(3)]
        taken = [lease_next_media_job() for _ in range(3)]
        assert [run.job_id for run in taken if run is not None] == [job.pk for job in jobs]

    def test_erasing_goes_before_encoding(self) -> None:
        enqueue_encode_job("ana")
        erasure = queue.enqueue_job(
            "tests.erase", uuid.uuid4(), queue=Queue.MEDIA, owner_key="bo", urgency=Urgency.AT_ONCE
        )
        run = lease_next_media_job()
        assert run is not None
        assert (run.job_id, run.kind) == (erasure.pk, "tests.erase")

    def test_first_versions_go_before_the_rest(self) -> None:
        enqueue_encode_job("ana", urgency=Urgency.LATER)
        first = enqueue_encode_job("bo")
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == first.pk

    def test_a_worker_leaves_kinds_that_it_does_not_know_to_others(self) -> None:
        queue.enqueue_job("tests.of_the_next_release", uuid.uuid4(), queue=Queue.MEDIA)
        assert lease_next_media_job() is None
        known = enqueue_encode_job("bo")
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == known.pk

    def test_other_queues_and_jobs_that_are_not_due_are_left_alone(self) -> None:
        queue.enqueue_job("tests.encode", uuid.uuid4(), queue=Queue.QUICK)
        Job.objects.filter(pk=enqueue_encode_job("bo").pk).update(not_before=Now() + timedelta(minutes=1))
        assert lease_next_media_job() is None

    def test_a_job_whose_worker_died_is_taken_again_in_its_turn(self) -> None:
        job = enqueue_encode_job("bo")
        assert lease_next_media_job() is not None
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        run = lease_next_media_job()
        assert run is not None
        assert (run.job_id, run.attempt, run.token) == (job.pk, 2, 2)

    def test_a_job_that_used_up_its_attempts_holds_nobody_up(self) -> None:
        hopeless, next_one = enqueue_encode_job("bo"), enqueue_encode_job("bo")
        Job.objects.filter(pk=hopeless.pk).update(attempts=MAX_ATTEMPTS)
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == next_one.pk
        queue.sweep_jobs()
        hopeless.refresh_from_db()
        assert hopeless.state == JobState.QUARANTINED


def run_racing_workers(workers: int, *, rounds: int) -> list[uuid.UUID]:
    """Let workers take and finish jobs side by side; return the jobs in the order in which they were taken."""
    start, taken, lock = threading.Barrier(workers), list[uuid.UUID](), threading.Lock()

    def work() -> None:
        start.wait()
        for _ in range(rounds):
            run = lease_next_media_job()
            if run is None:
                break
            with lock:
                taken.append(run.job_id)
            with run:
                pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_of_two_workers_that_race_one_serves_each_person(attempt: int) -> None:
    for _ in range(20):
        enqueue_encode_job("bo")
    enqueue_encode_job("ana")

    taken = run_racing_workers(2, rounds=1)

    assert Counter(Job.objects.get(pk=job).whose for job in taken) == {"bo": 1, "ana": 1}


@pytest.mark.django_db(transaction=True)
def test_racing_workers_do_every_job_once_and_serve_people_in_turn() -> None:
    mine = {enqueue_encode_job(person).pk: person for person in ("bo",) * 30 + ("ana", "mo", "sam") * 2}

    taken = run_racing_workers(4, rounds=40)

    assert Counter(taken) == dict.fromkeys(mine, 1)
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
    # Four workers may each hold one of the thirty before the others have come to their first turn.
    first_twelve = Counter(mine[job] for job in taken[:12])
    assert first_twelve["ana"] == first_twelve["mo"] == first_twelve["sam"] == 2
