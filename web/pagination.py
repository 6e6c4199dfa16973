"""Keyset pagination, newest first; stable while rows are inserted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 20


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """Rows of one page, and the cursor of the next page ("" on the last page)."""

    items: list[Row]
    next_cursor: str


def paginate(
    rows: QuerySet[Row], *, timestamp_field: str, cursor: str, page_size: int = PAGE_SIZE
) -> KeysetPage[Row]:
    """Return the rows after the cursor, ordered by timestamp and primary key, in one query."""
    if cursor:
        timestamp, key = _parse_cursor(cursor)
        rows = rows.filter(
            Q(**{f"{timestamp_field}__lt": timestamp}) | Q(**{timestamp_field: timestamp, "pk__lt": key})
        )
    items = list(rows.order_by(f"-{timestamp_field}", "-pk")[: page_size + 1])
    if len(items) <= page_size:
        return KeysetPage(items, "")
    last = items[page_size - 1]
    return KeysetPage(items[:page_size], f"{getattr(last, timestamp_field).isoformat()}~{last.pk}")


def _parse_cursor(cursor: str) -> tuple[datetime, UUID | int]:
    timestamp, _, key = cursor.partition("~")
    try:
        return datetime.fromisoformat(timestamp), int(key) if key.isdigit() else UUID(key)
    except ValueError:
        raise Http404("invalid cursor") from None
