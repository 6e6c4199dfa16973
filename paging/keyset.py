"""Keyset pagination with signed cursors: a page stays put while rows are inserted before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext

from domain_errors.categories import FieldError

CURSOR_SALT = "paging.cursor"

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
MappedItem = TypeVar("MappedItem")


class InvalidCursor(FieldError):
    """The cursor is malformed, or was issued for another list, user or filter."""

    def __init__(self) -> None:
        super().__init__(
            "cursor",
            gettext("This cursor does not belong to this list."),
            gettext("Start without a cursor."),
        )


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items of a list; `next_cursor` is None on the last page."""

    items: Sequence[Item]
    next_cursor: str | None

    def map(self, transform: Callable[[Item], MappedItem]) -> "Page[MappedItem]":
        return Page([transform(item) for item in self.items], self.next_cursor)


def paginate(
    rows: QuerySet[Row], *, keyset: Sequence[str], cursor: str, page_size: int, binding: str
) -> Page[Row]:
    """Return the page after `cursor` in one query; an empty cursor means the first page.

    `keyset` names the fields of the order as in `order_by`; the last one must be unique. A cursor is valid only
    with the `binding` and keyset that it was issued for. Raises InvalidCursor.
    """
    bound_to = f"{binding}|{','.join(keyset)}"
    if cursor:
        rows = rows.filter(rows_after(decode_cursor(cursor, bound_to), keyset))
    page = list(rows.order_by(*keyset)[: page_size + 1])
    if len(page) <= page_size:
        return Page(page, None)
    page = page[:page_size]
    return Page(page, encode_cursor(page[-1], keyset, bound_to))


def encode_cursor(last: Model, keyset: Sequence[str], bound_to: str) -> str:
    values = [_keyset_value(last, field.lstrip("-")) for field in keyset]
    return signing.dumps({"b": bound_to, "k": values}, salt=CURSOR_SALT)


def decode_cursor(cursor: str, bound_to: str) -> list[str]:
    """Return the keyset values of the row that the cursor points to. Raises InvalidCursor."""
    try:
        content = signing.loads(cursor, salt=CURSOR_SALT)
    except signing.BadSignature as error:
        raise InvalidCursor from error
    if content["b"] != bound_to:
        raise InvalidCursor
    values: list[str] = content["k"]
    return values


def rows_after(values: Sequence[str], keyset: Sequence[str]) -> Q:
    """Return the condition for rows that come after `values` in the order of `keyset`."""
    later, equal_so_far = Q(), Q()
    for field, value in zip(keyset, values, strict=True):
        name = field.lstrip("-")
        comparison = "lt" if field.startswith("-") else "gt"
        later |= equal_so_far & Q(**{f"{name}__{comparison}": value})
        equal_so_far &= Q(**{name: value})
    return later


def _keyset_value(row: Model, path: str) -> str:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return str(value)
