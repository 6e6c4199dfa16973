"""Writes audit events in the caller's transaction and verifies the hash chain.

Each digest is SHA-256 over the previous digest and the event's own fields, so changing or removing a row breaks the
chain at that row.
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
    event_id: int
    problem: str


def record_event(
    verb: str, subject: models.Model, *, by: models.Model | str, details: Mapping[str, Any] | None = None
) -> Event:
    """Append an event about `subject`. `details` holds ids, codes and versions, never personal data.

    Writers are serialised until their transaction ends, because each digest depends on the one before it.
    """
    actor = by if isinstance(by, str) else str(by.pk)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        previous_digest = Event.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
        event = Event(
            actor=actor,
            verb=verb,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            details=dict(details or {}),
            previous=previous_digest,
        )
        event.digest = event_digest(event)
        event.save(force_insert=True)
    return event


def event_digest(event: Event) -> str:
    """SHA-256 of the event's fields and the previous digest, as 64 hexadecimal digits."""
    fields = [event.previous, event.actor, event.verb, event.subject_type, event.subject_id, event.details]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def find_chain_breaks() -> Iterator[ChainBreak]:
    """Yield every event that breaks the chain, oldest first."""
    previous = ""
    for event in Event.objects.oldest_first().iterator(chunk_size=2000):
        if event.previous != previous:
            yield ChainBreak(event.pk, "the preceding event is missing or out of order")
        elif event_digest(event) != event.digest:
            yield ChainBreak(event.pk, "this event was modified")
        previous = event.digest
