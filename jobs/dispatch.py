"""The only module that talks to Celery: sends wake-ups, and runs the next job when one arrives.

A wake-up carries only a queue name, so losing, repeating or delaying it is harmless: the job rows are authoritative.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import kombu
from celery import current_app, shared_task
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from jobs.leasing import JobRun
from jobs.models import Job, Queue
from jobs.scheduling import lease_next_job
from jobs.time_limits import enforce_time_limits

log = logging.getLogger(__name__)

JobHandler = Callable[[JobRun], None]
WORK_TASK_NAME = "jobs.work_task"
MAX_WORK_SECONDS = 116 * 60  # upper bound; every job kind sets lower limits


@dataclass(frozen=True)
class JobKind:
    """Handler of one kind of job; limits are in seconds."""

    handler: JobHandler
    soft_time_limit: int
    time_limit: int


JOB_KINDS: dict[str, JobKind] = {}


def dispatch_on_commit(job: Job) -> None:
    """Send a wake-up after the caller's transaction commits."""
    transaction.on_commit(partial(_send_wake_up, job.pk, job.queue))


def broker_queue_length(queue: Queue) -> int:
    """Number of undelivered wake-ups; 0 if the broker is unreachable."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
            declared = kombu.Queue(queue.value)(connection.default_channel).queue_declare()
            return int(declared.message_count)  # type: ignore[union-attr]  # wrong type in the stubs
    except OperationalError:
        return 0


def _send_wake_up(job_id: uuid.UUID, queue: str) -> None:
    try:
        current_app.send_task(WORK_TASK_NAME, args=[queue], queue=queue, retry=False)
    except OperationalError:
        log.warning("broker unreachable: no wake-up sent for job %s; sweep_jobs will retry", job_id)
        return
    Job.objects.filter(pk=job_id).update(dispatched_at=Now())


@shared_task(
    base=DjangoTask,
    name=WORK_TASK_NAME,
    soft_time_limit=MAX_WORK_SECONDS,
    time_limit=MAX_WORK_SECONDS + 3 * 60,
    ignore_result=True,
)
def work_task(queue: str) -> None:
    """Run the next job of the queue, if any."""
    run = lease_next_job(Queue(queue), kinds=JOB_KINDS)
    if run is None:
        return
    kind = JOB_KINDS[run.kind]
    with run, enforce_time_limits(kind.soft_time_limit, kind.time_limit):
        kind.handler(run)


def job_task(*, kind: str, soft_time_limit: int, time_limit: int) -> Callable[[JobHandler], JobHandler]:
    """Register a function as the handler of a job kind.

    Limits are in seconds. The handler receives the open `JobRun`; an exception fails the attempt.
    """

    def register(handler: JobHandler) -> JobHandler:
        JOB_KINDS[kind] = JobKind(handler, soft_time_limit, time_limit)
        return handler

    return register


def periodic_task(*, name: str, soft_time_limit: int, time_limit: int) -> Callable[[Callable[[], None]], Any]:
    """Register a function as a Celery task for the beat schedule; limits are in seconds."""

    def register(function: Callable[[], None]) -> Any:
        return shared_task(
            base=DjangoTask,
            name=name,
            soft_time_limit=soft_time_limit,
            time_limit=time_limit,
            ignore_result=True,
        )(function)

    return register
