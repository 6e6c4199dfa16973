import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from jobs import desk
from jobs.leasing import take
from jobs.models import Job, Queue
from jobs.standing import Standing, standings

pytestmark = pytest.mark.django_db


def test_where_nothing_was_handed_in_nothing_waits() -> None:
    assert standings() == [Standing(queue) for queue in Queue]


def test_each_queue_says_what_waits_and_what_is_at_work(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    jobs = [desk.enqueue("tests.encode", uuid.uuid4(), queue=Queue.MEDIA) for _ in range(4)]
    assert take(jobs[0].pk) is not None
    Job.objects.filter(pk=jobs[1].pk).update(not_before=Now() - timedelta(seconds=90))
    Job.objects.filter(pk=jobs[2].pk).update(not_before=Now() + timedelta(seconds=90))

    with django_assert_num_queries(1):
        media, quick, _ = standings()

    assert (media.waiting, media.at_work) == (2, 1)
    assert media.oldest is not None
    assert timedelta(seconds=90) <= media.oldest < timedelta(seconds=95)
    assert quick == Standing(Queue.QUICK)


def test_work_whose_worker_died_is_not_at_work() -> None:
    job = desk.enqueue("tests.encode", uuid.uuid4(), queue=Queue.MEDIA)
    assert take(job.pk) is not None
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert standings()[0].at_work == 0
