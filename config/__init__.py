"""The web server, the worker and the scheduler share these settings; Celery has to know its app everywhere."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
