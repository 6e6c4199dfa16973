"""Real servers, an empty cache and unhashed static files for every test.

With TEST_WITHOUT_SERVERS=1 (`make test-fast`) no servers are started, and only tests that need none are selected.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from tests import servers

# At import time, because Django's settings are read before pytest calls any hook of this file.
_started_servers = servers.start_test_environment()
django.setup()
# xdist workers must not inherit it: pytest-django would read the settings before the worker has its own namespace.
os.environ.pop("DJANGO_SETTINGS_MODULE", None)

# On a busy machine slow examples are no failure.
hypothesis_settings.register_profile("sameboat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("sameboat")

pytest_plugins = ["tests.people", "tests.story_factories"]

SERVER_FIXTURES = {"db", "transactional_db", "live_server", "bucket", "store", "servers", "database"}
SERVER_MARKERS = ("django_db", "e2e", "faults", "load")

if servers.WITHOUT_SERVERS:
    # Paths that need servers or other programs, or compute for seconds; they are not even imported.
    collect_ignore = [
        *(
            "devstack",
            "faults",
            "journeys",
            "load",
            "recommendations/index",
            "api/views",
            "web/browser",
            "web/views",
        ),
        *("matching/evaluation", "matching/learning"),
        *(
            f"matching/test_{name}.py"
            for name in (
                "engine",
                "engine_contract",
                "neighbours",
                "random_slate",
                "simulation",
                "slate_policy",
            )
        ),
        *(
            "matching/test_story_table.py",
            "matching/test_text_similarity.py",
            "api/test_openapi_fuzzing.py",
        ),
        *("media/chunked_encoding", "media/encoding", "media/faces", "media/probing", "media/uploads"),
        *(
            f"media/test_{name}.py"
            for name in ("canary", "checks", "ffmpeg", "health", "pipeline", "sandbox")
        ),
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--traffic-seconds", type=float, default=120, help="duration of `make load`")
    parser.addoption("--instants", type=int, default=50, help="number of workers `make faults-media` kills")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that need servers, by their fixtures and markers; without servers, deselect them."""
    for item in items:
        if needs_servers(item):
            item.add_marker("servers")
    if servers.WITHOUT_SERVERS:
        excluded = [item for item in items if item.get_closest_marker("servers")]
        config.hook.pytest_deselected(items=excluded)
        items[:] = [item for item in items if item not in set(excluded)]


def needs_servers(item: pytest.Item) -> bool:
    fixtures = SERVER_FIXTURES & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(item.get_closest_marker(name) for name in SERVER_MARKERS)


def pytest_unconfigure() -> None:
    if _started_servers is not None:
        _started_servers.stop()


@pytest.fixture(scope="session", autouse=True)
def _unhashed_static_files() -> Iterator[None]:
    """Tests do not need collected, compressed and hashed static files."""
    plain = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns if it is missing
    with override_settings(STORAGES=plain):
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast_password_hasher() -> Iterator[None]:
    """Password hashing takes half a second by design."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits and cached pages must not leak into the next test."""
    if not servers.WITHOUT_SERVERS:
        cache.clear()


@pytest.fixture(autouse=True)
def _empty_story_index() -> None:
    """The in-memory index does not notice when a test's transaction is rolled back."""
    from recommendations.index.story_index import in_memory_index

    in_memory_index.reset()


@pytest.fixture
def bucket(settings: Settings) -> Iterator[str]:
    """A new, empty bucket."""
    name = f"test-{uuid.uuid4().hex}"
    servers.create_bucket(name)
    settings.S3_BUCKET = name
    yield name
    servers.delete_bucket(name)
