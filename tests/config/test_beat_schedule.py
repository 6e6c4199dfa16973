from celery import current_app

from config.beat_schedule import SCHEDULE
from jobs.models import Queue


def test_every_scheduled_task_is_registered() -> None:
    current_app.loader.import_default_modules()
    unregistered = [entry["task"] for entry in SCHEDULE.values() if entry["task"] not in current_app.tasks]
    assert unregistered == []


def test_every_scheduled_task_uses_a_known_queue() -> None:
    queues = {entry.get("options", {}).get("queue", Queue.QUICK.value) for entry in SCHEDULE.values()}
    assert queues <= set(Queue.values)
