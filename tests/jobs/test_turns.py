"""Whose turn it is: decided on plain values, then on planted queues, then under workers that race."""

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from jobs import desk
from jobs.leasing import MOST_ATTEMPTS, Run
from jobs.models import Job, JobState, Queue, Urgency
from jobs.turns import SOONER_AFTER, Load, Waiting, in_turn, take_in_turn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDLE = Load({}, {})
KINDS = {"tests.encode", "tests.erase"}


def waiting(whose: str, *, minutes: float = 0, urgency: Urgency = Urgency.USUAL) -> Waiting:
    return Waiting(uuid.uuid4(), whose, urgency, NOON - timedelta(minutes=minutes))


def order_of(jobs: Sequence[Waiting], load: Load = IDLE) -> list[str]:
    return [one.whose for one in in_turn(jobs, load, now=NOON)]


def test_who_came_first_goes_first() -> None:
    assert order_of([waiting("ana", minutes=1), waiting("bo", minutes=2)]) == ["bo", "ana"]


def test_who_has_nothing_at_work_goes_before_who_has() -> None:
    load = Load({"bo": 1}, {})
    assert order_of([waiting("bo", minutes=9), waiting("ana")], load) == ["ana", "bo"]


def test_who_was_served_longest_ago_goes_first() -> None:
    load = Load({}, {"bo": NOON - timedelta(seconds=5), "ana": NOON - timedelta(minutes=5)})
    jobs = [waiting("bo", minutes=9), waiting("ana", minutes=1), waiting("mo")]
    assert order_of(jobs, load) == ["mo", "ana", "bo"]


def test_what_was_taken_back_goes_before_everything() -> None:
    jobs = [waiting("ana", minutes=9), waiting("bo", urgency=Urgency.AT_ONCE)]
    assert order_of(jobs, Load({"bo": 2}, {"bo": NOON})) == ["bo", "ana"]


def test_what_can_wait_does_but_not_for_ever() -> None:
    later = waiting("ana", minutes=5, urgency=Urgency.LATER)
    assert order_of([later, waiting("bo")]) == ["bo", "ana"]
    patient = waiting("ana", minutes=SOONER_AFTER / timedelta(minutes=1), urgency=Urgency.LATER)
    assert order_of([patient, waiting("bo")]) == ["ana", "bo"]


def encode(whose: str, *, urgency: Urgency = Urgency.USUAL) -> Job:
    return desk.enqueue("tests.encode", uuid.uuid4(), queue=Queue.MEDIA, whose=whose, urgency=urgency)


def take() -> Run | None:
    return take_in_turn(Queue.MEDIA, kinds=KINDS)


def whose(run: Run | None) -> str:
    assert run is not None
    return Job.objects.get(pk=run.job_id).whose


@pytest.mark.django_db(transaction=True)
class TestPlantedQueues:
    def test_twenty_recordings_of_one_person_stand_in_front_of_nobody(self) -> None:
        for _ in range(20):
            encode("bo")
        encode("ana")

        first, second = take(), take()
        assert [whose(first), whose(second)] == ["bo", "ana"]

    def test_also_where_one_worker_does_one_after_the_other(self) -> None:
        for _ in range(5):
            encode("bo")
        served = []
        for _ in range(4):
            run = take()
            served.append(whose(run))
            if served == ["bo"]:
                encode("ana")
                encode("ana")
            with run or pytest.fail("something is due"):
                pass
        assert served == ["bo", "ana", "bo", "ana"]

    def test_one_person_alone_keeps_every_worker_busy(self) -> None:
        for _ in range(3):
            encode("bo")
        assert [whose(take()) for _ in range(3)] == ["bo", "bo", "bo"]
        assert take() is None

    def test_a_person_gets_their_own_jobs_in_the_order_they_came(self) -> None:
        jobs = [encode("bo") for _ in range(3)]
        taken = [take() for _ in range(3)]
        assert [run.job_id for run in taken if run is not None] == [job.pk for job in jobs]

    def test_erasing_goes_before_encoding(self) -> None:
        encode("ana")
        erasure = desk.enqueue(
            "tests.erase", uuid.uuid4(), queue=Queue.MEDIA, whose="bo", urgency=Urgency.AT_ONCE
        )
        run = take()
        assert run is not None
        assert (run.job_id, run.kind) == (erasure.pk, "tests.erase")

    def test_first_versions_go_before_the_rest(self) -> None:
        encode("ana", urgency=Urgency.LATER)
        first = encode("bo")
        run = take()
        assert run is not None
        assert run.job_id == first.pk

    def test_a_worker_leaves_kinds_that_it_does_not_know_to_others(self) -> None:
        desk.enqueue("tests.of_the_next_release", uuid.uuid4(), queue=Queue.MEDIA)
        assert take() is None
        known = encode("bo")
        run = take()
        assert run is not None
        assert run.job_id == known.pk

    def test_other_queues_and_jobs_that_are_not_due_are_left_alone(self) -> None:
        desk.enqueue("tests.encode", uuid.uuid4(), queue=Queue.QUICK)
        Job.objects.filter(pk=encode("bo").pk).update(not_before=Now() + timedelta(minutes=1))
        assert take() is None

    def test_a_job_whose_worker_died_is_taken_again_in_its_turn(self) -> None:
        job = encode("bo")
        assert take() is not None
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        run = take()
        assert run is not None
        assert (run.job_id, run.attempt, run.token) == (job.pk, 2, 2)

    def test_a_job_that_used_up_its_attempts_holds_nobody_up(self) -> None:
        hopeless, next_one = encode("bo"), encode("bo")
        Job.objects.filter(pk=hopeless.pk).update(attempts=MOST_ATTEMPTS)
        run = take()
        assert run is not None
        assert run.job_id == next_one.pk
        desk.sweep()
        hopeless.refresh_from_db()
        assert hopeless.state == JobState.QUARANTINED


def race(workers: int, *, rounds: int) -> list[uuid.UUID]:
    """Let workers take and finish jobs side by side; return the jobs in the order in which they were taken."""
    start, taken, lock = threading.Barrier(workers), list[uuid.UUID](), threading.Lock()

    def work() -> None:
        start.wait()
        for _ in range(rounds):
            run = take()
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
        encode("bo")
    encode("ana")

    taken = race(2, rounds=1)

    assert Counter(Job.objects.get(pk=job).whose for job in taken) == {"bo": 1, "ana": 1}


@pytest.mark.django_db(transaction=True)
def test_racing_workers_do_every_job_once_and_serve_people_in_turn() -> None:
    mine = {encode(person).pk: person for person in ("bo",) * 30 + ("ana", "mo", "sam") * 2}

    taken = race(4, rounds=40)

    assert Counter(taken) == dict.fromkeys(mine, 1)
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
    # Four workers may each hold one of the thirty before the others have come to their first turn.
    first_twelve = Counter(mine[job] for job in taken[:12])
    assert first_twelve["ana"] == first_twelve["mo"] == first_twelve["sam"] == 2
