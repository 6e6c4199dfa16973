"""What the scheduler rings for."""

from importlib import import_module

from django.conf import settings

from jobs.dispatch import periodic_task


@periodic_task(name="accounts.forget_sessions_task", soft_time_limit=240, time_limit=300)
def clear_expired_sessions_task() -> None:
    """Remove sessions that have expired; nobody who is signed in notices."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
