"""What the tests of the pages share: a browser, and a site that it may send recordings from."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from media import storage
from tests.chromium import launch_chromium, skip_without_chromium
from tests.web.site_pages import own_stories, watched

__all__ = ["own_stories", "watched"]  # fixtures

CONNECTION_TIMEOUT_SECONDS = 10.0


@pytest.fixture
def _connections_end(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no thread of the live server outlive its test with a connection: the database could not be dropped."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    yield
    deadline = time.monotonic() + CONNECTION_TIMEOUT_SECONDS
    while _count_other_sessions() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.fixture
def browser(_connections_end: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    skip_without_chromium()
    # Playwright keeps a loop going in this thread, and Django would take the test for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with launch_chromium() as started:
        yield started
        # While its loop runs, Django keeps connections of their own for it, which nothing else would close.
        connections.close_all()


@pytest.fixture
def site(live_server: LiveServer, bucket: str, settings: Settings) -> str:
    """Return the address of a running site whose pages the object store takes parts from."""
    settings.PUBLIC_ORIGIN = live_server.url
    storage.ensure_bucket()
    return str(live_server.url)


def _count_other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        (found,) = cursor.fetchone()
    return int(found)
