"""The one bridge to Celery: it rings for a job, and turns a ring into an attempt under a lease.

A ring may be lost, doubled or late without harm: the job row says what is to be done, and the lease says by whom.
"""

import logging
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import current_app, shared_task
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from jobs.leasing import Run, take
from jobs.models import Job

log = logging.getLogger(__name__)

Work = Callable[[Run], None]


def ring_on_commit(job: Job) -> None:
    """Ring once the caller's transaction has committed."""
    transaction.on_commit(partial(_ring, job.pk, job.kind, job.queue))


def _ring(job_id: uuid.UUID, kind: str, queue: str) -> None:
    try:
        current_app.send_task(kind, args=[str(job_id)], queue=queue, retry=False)
    except OperationalError:
        log.warning("the broker did not take the ring for job %s; the sweeper rings again", job_id)
        return
    Job.objects.filter(pk=job_id).update(rung_at=Now())


def job_task(*, kind: str, soft_time_limit: int, time_limit: int) -> Callable[[Work], Any]:
    """Make a function that does one job's work into the Celery task that jobs of this kind ring.

    Limits are in seconds. The function gets the open `Run`; what it raises fails the attempt.
    """

    def wrap(work: Work) -> Any:
        def attempt(job_id: str) -> None:
            run = take(uuid.UUID(job_id))
            if run is None:
                return
            with run:
                work(run)

        attempt.__name__, attempt.__doc__, attempt.__module__ = work.__name__, work.__doc__, work.__module__
        return shared_task(
            base=DjangoTask,
            name=kind,
            soft_time_limit=soft_time_limit,
            time_limit=time_limit,
            ignore_result=True,
        )(attempt)

    return wrap


def periodic_task(*, name: str, soft_time_limit: int, time_limit: int) -> Callable[[Callable[[], None]], Any]:
    """Make a function into a task that the scheduler rings; limits are in seconds."""

    def wrap(work: Callable[[], None]) -> Any:
        return shared_task(
            base=DjangoTask,
            name=name,
            soft_time_limit=soft_time_limit,
            time_limit=time_limit,
            ignore_result=True,
        )(work)

    return wrap
