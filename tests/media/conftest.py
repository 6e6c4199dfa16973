from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.media.sample_recordings import RecordingFactory


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> RecordingFactory:
    return RecordingFactory(tmp_path_factory.mktemp("films"))


@pytest.fixture
def scratch(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Give the place where recordings are worked on; every test leaves it empty."""
    settings.MEDIA_ROOT = tmp_path / "scratch"
    yield settings.MEDIA_ROOT
    left = list(settings.MEDIA_ROOT.glob("*")) if settings.MEDIA_ROOT.exists() else []
    assert left == []
