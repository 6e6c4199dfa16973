"""The worker's entrance: Celery is the doorbell, the Job rows in PostgreSQL are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("sameboat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
