"""Periodic tasks."""

from importlib import import_module

from django.conf import settings

from jobs.dispatch import periodic_task


@periodic_task(name="accounts.clear_expired_sessions_task", soft_time_limit=240, time_limit=300)
def clear_expired_sessions_task() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
