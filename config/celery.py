"""Celery app. Messages only wake workers; the Job rows in PostgreSQL are authoritative."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("sameboat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
