"""Fixtures of the page tests: a browser, and a site that can upload to the object store."""

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
def _closed_connections(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close database connections of live-server threads, so that the test database can be dropped."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    yield
    deadline = time.monotonic() + CONNECTION_TIMEOUT_SECONDS
    while _count_other_sessions() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.fixture
def browser(_closed_connections: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    skip_without_chromium()
    # Playwright runs an event loop in this thread, which makes Django treat the test as asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with launch_chromium() as started:
        yield started
        # Django keeps separate connections while an event loop runs; nothing else closes them.
        connections.close_all()


@pytest.fixture
def site(live_server: LiveServer, bucket: str, settings: Settings) -> str:
    """Return the origin of a live server that the object store accepts uploads from."""
    settings.PUBLIC_ORIGIN = live_server.url
    storage.ensure_bucket()
    return str(live_server.url)


def _count_other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        (count,) = cursor.fetchone()
    return int(count)
