"""The ordering rule on plain values, then leasing from a queue, then racing workers."""

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


def waiting_job(owner_key: str, *, minutes: float = 0, urgency: Urgency = Urgency.NORMAL) -> WaitingJob:
    return WaitingJob(uuid.uuid4(), owner_key, urgency, NOON - timedelta(minutes=minutes))


def owners_in_fair_order(jobs: Sequence[WaitingJob], load: OwnerLoad = NO_LOAD) -> list[str]:
    return [job.owner_key for job in fair_order(jobs, load, now=NOON)]


def test_longer_waiting_jobs_go_first() -> None:
    assert owners_in_fair_order([waiting_job("ana", minutes=1), waiting_job("bo", minutes=2)]) == [
        "bo",
        "ana",
    ]


def test_owners_without_running_jobs_go_before_owners_with_some() -> None:
    load = OwnerLoad({"bo": 1}, {})
    assert owners_in_fair_order([waiting_job("bo", minutes=9), waiting_job("ana")], load) == ["ana", "bo"]


def test_the_owner_served_longest_ago_goes_first() -> None:
    load = OwnerLoad({}, {"bo": NOON - timedelta(seconds=5), "ana": NOON - timedelta(minutes=5)})
    jobs = [waiting_job("bo", minutes=9), waiting_job("ana", minutes=1), waiting_job("mo")]
    assert owners_in_fair_order(jobs, load) == ["mo", "ana", "bo"]


def test_urgent_jobs_go_before_all_others() -> None:
    jobs = [waiting_job("ana", minutes=9), waiting_job("bo", urgency=Urgency.URGENT)]
    assert owners_in_fair_order(jobs, OwnerLoad({"bo": 2}, {"bo": NOON})) == ["bo", "ana"]


def test_low_urgency_jobs_go_last_until_they_age() -> None:
    low_job = waiting_job("ana", minutes=5, urgency=Urgency.LOW)
    assert owners_in_fair_order([low_job, waiting_job("bo")]) == ["bo", "ana"]
    aged_job = waiting_job("ana", minutes=PRIORITY_AGING_STEP / timedelta(minutes=1), urgency=Urgency.LOW)
    assert owners_in_fair_order([aged_job, waiting_job("bo")]) == ["ana", "bo"]


def enqueue_encode_job(owner_key: str, *, urgency: Urgency = Urgency.NORMAL) -> Job:
    return queue.enqueue_job(
        "tests.encode", uuid.uuid4(), queue=Queue.MEDIA, owner_key=owner_key, urgency=urgency
    )


def lease_next_media_job() -> JobRun | None:
    return lease_next_job(Queue.MEDIA, kinds=KINDS)


def owner_of_run(run: JobRun | None) -> str:
    assert run is not None
    return Job.objects.get(pk=run.job_id).owner_key


@pytest.mark.django_db(transaction=True)
class TestLeaseNextJob:
    def test_twenty_jobs_of_one_owner_do_not_delay_another_owner(self) -> None:
        for _ in range(20):
            enqueue_encode_job("bo")
        enqueue_encode_job("ana")

        first, second = lease_next_media_job(), lease_next_media_job()
        assert [owner_of_run(first), owner_of_run(second)] == ["bo", "ana"]

    def test_a_single_worker_alternates_between_owners(self) -> None:
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

    def test_a_single_owner_can_use_every_worker(self) -> None:
        for _ in range(3):
            enqueue_encode_job("bo")
        assert [owner_of_run(lease_next_media_job()) for _ in range(3)] == ["bo", "bo", "bo"]
        assert lease_next_media_job() is None

    def test_jobs_of_one_owner_run_in_order_of_arrival(self) -> None:
        jobs = [enqueue_encode_job("bo") for _ in range(3)]
        runs = [lease_next_media_job() for _ in range(3)]
        assert [run.job_id for run in runs if run is not None] == [job.pk for job in jobs]

    def test_urgent_erasure_goes_before_encoding(self) -> None:
        enqueue_encode_job("ana")
        erasure = queue.enqueue_job(
            "tests.erase", uuid.uuid4(), queue=Queue.MEDIA, owner_key="bo", urgency=Urgency.URGENT
        )
        run = lease_next_media_job()
        assert run is not None
        assert (run.job_id, run.kind) == (erasure.pk, "tests.erase")

    def test_normal_urgency_goes_before_low(self) -> None:
        enqueue_encode_job("ana", urgency=Urgency.LOW)
        normal_job = enqueue_encode_job("bo")
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == normal_job.pk

    def test_workers_skip_unknown_job_kinds(self) -> None:
        queue.enqueue_job("tests.of_the_next_release", uuid.uuid4(), queue=Queue.MEDIA)
        assert lease_next_media_job() is None
        known_job = enqueue_encode_job("bo")
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == known_job.pk

    def test_other_queues_and_jobs_not_yet_due_are_skipped(self) -> None:
        queue.enqueue_job("tests.encode", uuid.uuid4(), queue=Queue.QUICK)
        Job.objects.filter(pk=enqueue_encode_job("bo").pk).update(not_before=Now() + timedelta(minutes=1))
        assert lease_next_media_job() is None

    def test_a_job_with_an_expired_lease_is_leased_again(self) -> None:
        job = enqueue_encode_job("bo")
        assert lease_next_media_job() is not None
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        run = lease_next_media_job()
        assert run is not None
        assert (run.job_id, run.attempt, run.token) == (job.pk, 2, 2)

    def test_a_job_without_attempts_left_does_not_block_the_queue(self) -> None:
        exhausted_job, next_job = enqueue_encode_job("bo"), enqueue_encode_job("bo")
        Job.objects.filter(pk=exhausted_job.pk).update(attempts=MAX_ATTEMPTS)
        run = lease_next_media_job()
        assert run is not None
        assert run.job_id == next_job.pk
        queue.sweep_jobs()
        exhausted_job.refresh_from_db()
        assert exhausted_job.state == JobState.QUARANTINED


def run_racing_workers(workers: int, *, rounds: int) -> list[uuid.UUID]:
    """Lease and finish jobs in parallel threads; returns the job ids in the order in which they were leased."""
    start, leased_job_ids, lock = threading.Barrier(workers), list[uuid.UUID](), threading.Lock()

    def work() -> None:
        start.wait()
        for _ in range(rounds):
            run = lease_next_media_job()
            if run is None:
                break
            with lock:
                leased_job_ids.append(run.job_id)
            with run:
                pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return leased_job_ids


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_two_racing_workers_serve_different_owners(attempt: int) -> None:
    for _ in range(20):
        enqueue_encode_job("bo")
    enqueue_encode_job("ana")

    leased_job_ids = run_racing_workers(2, rounds=1)

    assert Counter(Job.objects.get(pk=job_id).owner_key for job_id in leased_job_ids) == {"bo": 1, "ana": 1}


@pytest.mark.django_db(transaction=True)
def test_racing_workers_run_every_job_once_and_share_turns_between_owners() -> None:
    owner_by_job_id = {
        enqueue_encode_job(owner_key).pk: owner_key for owner_key in ("bo",) * 30 + ("ana", "mo", "sam") * 2
    }

    leased_job_ids = run_racing_workers(4, rounds=40)

    assert Counter(leased_job_ids) == dict.fromkeys(owner_by_job_id, 1)
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
    # Each of the four workers may lease one of the thirty jobs of bo before the other owners get their first turn.
    first_twelve_owners = Counter(owner_by_job_id[job_id] for job_id in leased_job_ids[:12])
    assert first_twelve_owners["ana"] == first_twelve_owners["mo"] == first_twelve_owners["sam"] == 2
