"""Records events in the caller's transaction, and verifies that none was changed or removed.

The events form a hash chain: each digest is SHA-256 over the previous digest and the event's own content, so that a
changed or missing row breaks every digest after it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from audit.models import Event

CHAIN_LOCK = 0x5A3B0A7  # an arbitrary constant: one advisory lock for the one chain
# The actor of what the software does by itself.
MACHINE = "machine"


@dataclass(frozen=True)
class ChainBreak:
    """An event at which the chain is broken."""

    event_id: int
    problem: str


def record_event(
    verb: str, subject: models.Model, *, by: models.Model | str, details: Mapping[str, Any] | None = None
) -> Event:
    """Append an event about `subject`; details hold ids, codes and versions, never text about a person.

    Writers wait for each other until their transaction ends, because each digest covers the event before its own.
    """
    actor = by if isinstance(by, str) else str(by.pk)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        last = Event.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
        event = Event(
            actor=actor,
            verb=verb,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            details=dict(details or {}),
            previous=last,
        )
        event.digest = event_digest(event)
        event.save(force_insert=True)
    return event


def event_digest(event: Event) -> str:
    """Return the digest (64 hexadecimal digits) of the event's content and the digest before it."""
    content = [event.previous, event.actor, event.verb, event.subject_type, event.subject_id, event.details]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def find_chain_breaks() -> Iterator[ChainBreak]:
    """Yield each event at which the chain is broken, oldest first."""
    previous = ""
    for event in Event.objects.oldest_first().iterator(chunk_size=2000):
        if event.previous != previous:
            yield ChainBreak(event.pk, "an event before this one is missing or out of order")
        elif event_digest(event) != event.digest:
            yield ChainBreak(event.pk, "the content of this event was changed")
        previous = event.digest
