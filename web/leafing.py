"""Long lists in leaves, newest first, by where the last leaf ended: a row that appears meanwhile moves nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)
ROWS_A_LEAF = 20


@dataclass(frozen=True)
class Leaf(Generic[Row]):
    """Some rows of a list, and the mark from which the next leaf goes on ("" on the last one)."""

    rows: list[Row]
    goes_on: str


def leaf(rows: QuerySet[Row], *, dated: str, after: str, size: int = ROWS_A_LEAF) -> Leaf[Row]:
    """Return the rows that follow the mark `after`, by their field `dated` and key, in one query."""
    if after:
        moment, key = _read(after)
        rows = rows.filter(Q(**{f"{dated}__lt": moment}) | Q(**{dated: moment, "pk__lt": key}))
    found = list(rows.order_by(f"-{dated}", "-pk")[: size + 1])
    if len(found) <= size:
        return Leaf(found, "")
    last = found[size - 1]
    return Leaf(found[:size], f"{getattr(last, dated).isoformat()}~{last.pk}")


def _read(mark: str) -> tuple[datetime, UUID | int]:
    moment, _, key = mark.partition("~")
    try:
        return datetime.fromisoformat(moment), int(key) if key.isdigit() else UUID(key)
    except ValueError:
        raise Http404("no such leaf") from None
