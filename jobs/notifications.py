"""Tell whoever waits in another process that something about a piece of work has changed.

PostgreSQL carries it, so that it is heard when the change has been committed and not before. It says nothing more:
what is true stands in the row, and who missed it looks there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

CHANNEL = "jobs"


def notify_listeners(subject: object) -> None:
    """Say that work about this subject has changed."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(subject)])


@dataclass(frozen=True)
class Listener:
    """Hears what is told about one subject."""

    subject: str

    def wait(self, seconds: float) -> bool:
        """Return as soon as something is told, or after so many seconds; say whether something was."""
        heard = connection.connection.notifies(timeout=seconds)
        return any(notice.payload == self.subject for notice in heard)


@contextmanager
def listen_to(subject: object) -> Iterator[Listener]:
    """Listen on this thread's own connection to the database."""
    with connection.cursor() as cursor:
        cursor.execute(f"listen {CHANNEL}")
    try:
        yield Listener(str(subject))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"unlisten {CHANNEL}")
