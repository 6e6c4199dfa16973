"""The one bridge to Celery: it rings when there is work, and turns a ring into an attempt at whatever is next.

A ring may be lost, doubled or late without harm: it names a queue and nothing else. The job rows say what is to be
done, `turns` what of it comes next, and the lease by whom.
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
MAX_WORK_SECONDS = 116 * 60  # seconds; each kind of work has limits of its own below that


@dataclass(frozen=True)
class JobKind:
    """What is done for jobs of one kind, and how many seconds it may take."""

    handler: JobHandler
    soft_time_limit: int
    time_limit: int


JOB_KINDS: dict[str, JobKind] = {}


def dispatch_on_commit(job: Job) -> None:
    """Ring once the caller's transaction has committed."""
    transaction.on_commit(partial(_send_wake_up, job.pk, job.queue))


def broker_queue_length(queue: Queue) -> int:
    """Return how many rings of a queue nobody has heard yet; none if the broker does not answer."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
            declared = kombu.Queue(queue.value)(connection.default_channel).queue_declare()
            return int(declared.message_count)  # type: ignore[union-attr]  # the stubs take it for a name
    except OperationalError:
        return 0


def _send_wake_up(job_id: uuid.UUID, queue: str) -> None:
    try:
        current_app.send_task(WORK_TASK_NAME, args=[queue], queue=queue, retry=False)
    except OperationalError:
        log.warning("the broker did not take the ring for job %s; the sweeper rings again", job_id)
        return
    Job.objects.filter(pk=job_id).update(rung_at=Now())


@shared_task(
    base=DjangoTask,
    name=WORK_TASK_NAME,
    soft_time_limit=MAX_WORK_SECONDS,
    time_limit=MAX_WORK_SECONDS + 3 * 60,
    ignore_result=True,
)
def work_task(queue: str) -> None:
    """Do what is next in the queue, if anything is."""
    run = lease_next_job(Queue(queue), kinds=JOB_KINDS)
    if run is None:
        return
    kind = JOB_KINDS[run.kind]
    with run, enforce_time_limits(kind.soft_time_limit, kind.time_limit):
        kind.handler(run)


def job_task(*, kind: str, soft_time_limit: int, time_limit: int) -> Callable[[JobHandler], JobHandler]:
    """Let a function do the work of every job of this kind.

    Limits are in seconds. The function gets the open `Run`; what it raises fails the attempt.
    """

    def wrap(work: JobHandler) -> JobHandler:
        JOB_KINDS[kind] = JobKind(work, soft_time_limit, time_limit)
        return work

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
