"""Page size and cursor binding of the API's lists."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from paging import keyset as keyset_paging
from paging.keyset import Page

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 50

Row = TypeVar("Row", bound=Model)


def paginate(
    rows: "QuerySet[Row]", request: Request, *, keyset: Sequence[str], query: Mapping[str, Any]
) -> Page[Row]:
    """Return one page of `rows` in the order of `keyset`.

    `query` is the validated query: `limit` and `cursor` select the page, and the cursor is valid only for the same
    user, path and other parameters. Raises InvalidCursor.
    """
    return keyset_paging.paginate(
        rows,
        keyset=keyset,
        cursor=query.get("cursor", ""),
        page_size=query.get("limit") or DEFAULT_PAGE_SIZE,
        binding=_cursor_binding(request, query),
    )


def _cursor_binding(request: Request, query: Mapping[str, Any]) -> str:
    filters = sorted((name, str(value)) for name, value in query.items() if name not in {"limit", "cursor"})
    return f"{request.user.pk}|{request.path}|{filters}"
