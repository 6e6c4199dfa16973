"""What every test can count on: real servers, an empty cache, plain static files."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings
from pytest_django import Settings

from tests import servers

# While this file is imported, not later: the settings are read before any hook of ours would be called.
_started_servers = servers.start_test_environment()
django.setup()
# What xdist starts from here must not find it: pytest-django would read the settings before a worker has its corner.
os.environ.pop("DJANGO_SETTINGS_MODULE", None)

pytest_plugins = ["tests.people", "tests.story_factories"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--traffic-seconds", type=float, default=120, help="how long `make load` goes on")
    parser.addoption("--instants", type=int, default=50, help="how often `make faults-media` kills a worker")


def pytest_unconfigure() -> None:
    if _started_servers is not None:
        _started_servers.stop()


@pytest.fixture(scope="session", autouse=True)
def _unhashed_static_files() -> Iterator[None]:
    """Spare the tests the collecting, compressing and naming of static files; `make run` does all of that."""
    plain = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # the file server warns when it is missing
    with override_settings(STORAGES=plain):
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast_password_hasher() -> Iterator[None]:
    """Passwords are hashed slowly on purpose, half a second each; made-up people need no such protection."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits and cached pages of one test are none of the next one's business."""
    cache.clear()


@pytest.fixture(autouse=True)
def _empty_story_index() -> None:
    """A test's stories vanish with its transaction, which the index in memory has no way to notice."""
    from recommendations.index.story_index import in_memory_index

    in_memory_index.reset()


@pytest.fixture
def bucket(settings: Settings) -> Iterator[str]:
    """Give a test a bucket of its own, empty."""
    name = f"test-{uuid.uuid4().hex}"
    servers.create_bucket(name)
    settings.S3_BUCKET = name
    yield name
    servers.delete_bucket(name)
