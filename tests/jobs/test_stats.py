import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from jobs import queue
from jobs.leasing import acquire_lease
from jobs.models import Job, Queue
from jobs.stats import QueueStats, load_queue_stats

pytestmark = pytest.mark.django_db


def test_empty_queues_have_zero_counts() -> None:
    assert load_queue_stats() == [QueueStats(job_queue) for job_queue in Queue]


def test_stats_count_due_and_running_jobs_per_queue(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    jobs = [queue.enqueue_job("tests.encode", uuid.uuid4(), queue=Queue.MEDIA) for _ in range(4)]
    assert acquire_lease(jobs[0].pk) is not None
    Job.objects.filter(pk=jobs[1].pk).update(not_before=Now() - timedelta(seconds=90))
    Job.objects.filter(pk=jobs[2].pk).update(not_before=Now() + timedelta(seconds=90))

    with django_assert_num_queries(1):
        media, quick, _ = load_queue_stats()

    assert (media.waiting, media.running) == (2, 1)
    assert media.oldest_wait is not None
    assert timedelta(seconds=90) <= media.oldest_wait < timedelta(seconds=95)
    assert quick == QueueStats(Queue.QUICK)


def test_a_job_with_an_expired_lease_does_not_count_as_running() -> None:
    job = queue.enqueue_job("tests.encode", uuid.uuid4(), queue=Queue.MEDIA)
    assert acquire_lease(job.pk) is not None
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert load_queue_stats()[0].running == 0
