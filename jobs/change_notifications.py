"""Notifies other processes that the jobs of a subject have changed.

PostgreSQL LISTEN/NOTIFY delivers at commit. A notification carries only the subject: listeners read the rows for the
state, so a missed notification is harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

CHANNEL = "jobs"


def notify_listeners(subject: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(subject)])


@dataclass(frozen=True)
class Listener:
    """Subscription to the notifications of one subject."""

    subject: str

    def wait(self, seconds: float) -> bool:
        """Block until a notification arrives or the timeout expires; returns whether one arrived."""
        received = connection.connection.notifies(timeout=seconds)
        return any(notification.payload == self.subject for notification in received)


@contextmanager
def listen_to(subject: object) -> Iterator[Listener]:
    """Listen on the current thread's database connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"listen {CHANNEL}")
    try:
        yield Listener(str(subject))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"unlisten {CHANNEL}")
