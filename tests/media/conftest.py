from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.media.sample_recordings import RecordingFactory


@pytest.fixture(scope="session")
def recording_factory(tmp_path_factory: pytest.TempPathFactory) -> RecordingFactory:
    return RecordingFactory(tmp_path_factory.mktemp("recordings"))


@pytest.fixture
def scratch_folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Temporary MEDIA_ROOT; fails a test that leaves files in it."""
    settings.MEDIA_ROOT = tmp_path / "scratch"
    yield settings.MEDIA_ROOT
    leftovers = list(settings.MEDIA_ROOT.glob("*")) if settings.MEDIA_ROOT.exists() else []
    assert leftovers == []
