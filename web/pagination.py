"""Long lists in leaves, newest first, by where the last leaf ended: a row that appears meanwhile moves nothing."""

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
    """Some rows of a list, and the mark from which the next leaf goes on ("" on the last one)."""

    items: list[Row]
    next_cursor: str


def paginate(
    rows: QuerySet[Row], *, timestamp_field: str, cursor: str, page_size: int = PAGE_SIZE
) -> KeysetPage[Row]:
    """Return the rows that follow the mark `after`, by their field `dated` and key, in one query."""
    if cursor:
        moment, key = _parse_cursor(cursor)
        rows = rows.filter(
            Q(**{f"{timestamp_field}__lt": moment}) | Q(**{timestamp_field: moment, "pk__lt": key})
        )
    found = list(rows.order_by(f"-{timestamp_field}", "-pk")[: page_size + 1])
    if len(found) <= page_size:
        return KeysetPage(found, "")
    last = found[page_size - 1]
    return KeysetPage(found[:page_size], f"{getattr(last, timestamp_field).isoformat()}~{last.pk}")


def _parse_cursor(mark: str) -> tuple[datetime, UUID | int]:
    moment, _, key = mark.partition("~")
    try:
        return datetime.fromisoformat(moment), int(key) if key.isdigit() else UUID(key)
    except ValueError:
        raise Http404("no such leaf") from None
