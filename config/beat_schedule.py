"""Celery beat schedule. Every task is idempotent, and a missed run does no harm."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

# These tasks take minutes, so they must not run in the default queue.
INDEX_QUEUE = {"queue": "index"}
SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-jobs": {"task": "jobs.sweep_jobs_task", "schedule": timedelta(seconds=5)},
    "recover-orphaned-recordings": {
        "task": "stories.recover_orphaned_recordings_task",
        "schedule": timedelta(seconds=30),
    },
    "enqueue-canary": {
        "task": "media.enqueue_canary_task",
        "schedule": timedelta(minutes=5),
    },
    "expire-abandoned-uploads": {
        "task": "media.expire_abandoned_uploads_task",
        "schedule": timedelta(minutes=10),
    },
    "delete-abandoned-chunks": {
        "task": "media.delete_abandoned_chunks_task",
        "schedule": timedelta(minutes=10),
    },
    "expire-claims": {"task": "moderation.expire_claims_task", "schedule": timedelta(minutes=1)},
    "delete-expired-responses": {"task": "api.delete_expired_responses_task", "schedule": timedelta(hours=1)},
    "clear-expired-sessions": {
        "task": "accounts.clear_expired_sessions_task",
        "schedule": timedelta(hours=6),
    },
    "learn-weights": {
        "task": "recommendations.learn_weights_task",
        "schedule": crontab(minute=20, hour=3, day_of_week="mon"),
        "options": INDEX_QUEUE,
    },
    "recompute-story-effects": {
        "task": "recommendations.recompute_story_effects_task",
        "schedule": timedelta(hours=1),
        "options": INDEX_QUEUE,
    },
    "rebuild-text-index": {
        "task": "recommendations.rebuild_text_index_task",
        "schedule": timedelta(hours=1),
        "options": INDEX_QUEUE,
    },
    "evaluate-recommendations": {
        "task": "recommendations.evaluate_task",
        "schedule": crontab(minute=40, hour=3),
        "options": INDEX_QUEUE,
    },
}
