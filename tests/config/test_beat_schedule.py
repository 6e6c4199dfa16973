"""What the clock rings has to be there, in a queue that somebody works on."""

from celery import current_app

from config.beat_schedule import SCHEDULE
from jobs.models import Queue


def test_everything_on_the_schedule_is_a_task_that_workers_know() -> None:
    current_app.loader.import_default_modules()
    unknown = [entry["task"] for entry in SCHEDULE.values() if entry["task"] not in current_app.tasks]
    assert unknown == []


def test_everything_on_the_schedule_goes_to_a_queue_of_ours() -> None:
    queues = {entry.get("options", {}).get("queue", Queue.QUICK.value) for entry in SCHEDULE.values()}
    assert queues <= set(Queue.values)
