"""Keyset pages: a cursor says after which row to go on, signed and bound to the person and to what they filter by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request

CURSOR_SALT = "api.cursor"
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 50

Row = TypeVar("Row", bound=Model)


class BadCursor(Exception):
    """A cursor was altered, or belongs to another person or another list."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor of what comes after them."""

    items: Sequence[Row]
    next: str | None


def paginate(
    rows: "QuerySet[Row]",
    request: Request,
    *,
    keyset: Sequence[str],
    query: Mapping[str, Any],
) -> Page[Row]:
    """Return one page of `rows`, ordered by `keyset` (fields as in `order_by`, the last one unique).

    `asked` is the checked query: `limit` and `cursor` steer the page, all the rest is the filter that the cursor
    is bound to. Raises BadCursor.
    """
    limit: int = query.get("limit") or DEFAULT_PAGE_SIZE
    bound = _cursor_binding(request, query)
    if query.get("cursor"):
        rows = rows.filter(_rows_after(_decode_cursor(query["cursor"], bound), keyset))
    found = list(rows.order_by(*keyset)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _encode_cursor(found[-1], keyset, bound) if more else None)


def _cursor_binding(request: Request, asked: Mapping[str, Any]) -> str:
    filters = sorted((name, str(value)) for name, value in asked.items() if name not in {"limit", "cursor"})
    return f"{request.user.pk}|{request.path}|{filters}"


def _encode_cursor(last: Model, keyset: Sequence[str], bound: str) -> str:
    values = [_keyset_value(last, field.lstrip("-")) for field in keyset]
    return signing.dumps({"b": bound, "k": values}, salt=CURSOR_SALT)


def _keyset_value(row: Model, path: str) -> str:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return str(value)


def _decode_cursor(cursor: str, bound: str) -> list[str]:
    try:
        content = signing.loads(cursor, salt=CURSOR_SALT)
    except signing.BadSignature as error:
        raise BadCursor from error
    if content["b"] != bound:
        raise BadCursor
    values: list[str] = content["k"]
    return values


def _rows_after(values: Sequence[str], keyset: Sequence[str]) -> Q:
    """Return what is true of exactly the rows that come later in the order."""
    later, same = Q(), Q()
    for field, value in zip(keyset, values, strict=True):
        name = field.lstrip("-")
        beyond = Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        later |= same & beyond
        same &= Q(**{name: value})
    return later
