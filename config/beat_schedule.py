"""What the scheduler rings, and how often. Each is safe to run twice and safe to miss."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

# Learning takes minutes: it goes to the queue of search and matching.
INDEX_QUEUE = {"queue": "index"}
SCHEDULE: dict[str, dict[str, Any]] = {
    "ring-again-for-lost-jobs": {"task": "jobs.sweep_task", "schedule": timedelta(seconds=5)},
    "see-that-recordings-end": {"task": "stories.heal_task", "schedule": timedelta(seconds=30)},
    "see-that-recordings-get-through": {
        "task": "media.order_canary_task",
        "schedule": timedelta(minutes=5),
    },
    "sweep-abandoned-uploads": {"task": "media.sweep_uploads_task", "schedule": timedelta(minutes=10)},
    "sweep-abandoned-parts": {"task": "media.sweep_parts_task", "schedule": timedelta(minutes=10)},
    "expire-claims": {"task": "moderation.expire_claims_task", "schedule": timedelta(minutes=1)},
    "forget-kept-answers": {"task": "api.forget_answers_task", "schedule": timedelta(hours=1)},
    "forget-expired-sessions": {"task": "accounts.forget_sessions_task", "schedule": timedelta(hours=6)},
    "learn-weights": {
        "task": "practice.learn_weights_task",
        "schedule": crontab(minute=20, hour=3, day_of_week="mon"),
        "options": INDEX_QUEUE,
    },
    "reckon-what-helped": {
        "task": "practice.reckon_benefit_task",
        "schedule": timedelta(hours=1),
        "options": INDEX_QUEUE,
    },
    "read-what-stories-say": {
        "task": "practice.read_stories_task",
        "schedule": timedelta(hours=1),
        "options": INDEX_QUEUE,
    },
    "judge-the-choosing": {
        "task": "practice.evaluate_task",
        "schedule": crontab(minute=40, hour=3),
        "options": INDEX_QUEUE,
    },
}
