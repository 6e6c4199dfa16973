from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

MAX_QUERIES = 5


def count_queries(client: APIClient, path: str, *, items: int) -> int:
    """Return the number of queries of one page with this number of items."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path, {"limit": 50} if "review" not in path else {})
    assert response.status_code == 200, response.content
    assert len(response.json()["items"]) == items
    return len(queries)


def assert_constant_query_count(client: APIClient, path: str, *, add_items: Callable[[int], None]) -> None:
    """Compare a list of 3 items with a list of 30; `add_items` adds a number of items."""
    add_items(3)
    queries_of_3 = count_queries(client, path, items=3)
    add_items(27)
    queries_of_30 = count_queries(client, path, items=30)
    assert queries_of_3 == queries_of_30
    assert queries_of_30 <= MAX_QUERIES
