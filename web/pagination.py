"""Pages of long lists: the cursor is the query parameter `after`."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from paging import keyset as keyset_paging
from paging.keyset import InvalidCursor, Page
from web.access import AuthenticatedRequest

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 20


def paginate(rows: QuerySet[Row], request: AuthenticatedRequest, *, keyset: Sequence[str]) -> Page[Row]:
    """Return the requested page of `rows` in the order of `keyset`. Raises Http404 for an invalid cursor."""
    try:
        return keyset_paging.paginate(
            rows,
            keyset=keyset,
            cursor=request.GET.get("after", ""),
            page_size=PAGE_SIZE,
            binding=f"{request.user.pk}|{request.path}",
        )
    except InvalidCursor as error:
        raise Http404("invalid cursor") from error
