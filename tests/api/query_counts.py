"""How many questions a list puts to the database, however long it is."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

MAX_QUERIES = 5


def count_queries(client: APIClient, path: str, *, items: int) -> int:
    """Return how many queries one page takes that has to show so many items."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, {"limit": 50} if "review" not in path else {})
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["items"]) == items
    return len(asked)


def assert_constant_query_count(client: APIClient, path: str, *, add_items: Callable[[int], None]) -> None:
    """Compare a list of 3 with a list of 30; `add` puts so many more items there."""
    add_items(3)
    few = count_queries(client, path, items=3)
    add_items(27)
    many = count_queries(client, path, items=30)
    assert few == many
    assert many <= MAX_QUERIES
