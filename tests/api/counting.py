"""How many questions a list puts to the database, however long it is."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

MOST = 5


def queries_of(client: APIClient, path: str, *, items: int) -> int:
    """Return how many queries one page takes that has to show so many items."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, {"limit": 50} if "review" not in path else {})
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["items"]) == items
    return len(asked)


def check_constant(client: APIClient, path: str, *, add: Callable[[int], None]) -> None:
    """Compare a list of 3 with a list of 30; `add` puts so many more items there."""
    add(3)
    few = queries_of(client, path, items=3)
    add(27)
    many = queries_of(client, path, items=30)
    assert few == many
    assert many <= MOST
