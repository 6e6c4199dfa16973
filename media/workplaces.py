"""A folder of this machine for one attempt at something, with room enough, and gone afterwards."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media.models import Video

logger = logging.getLogger(__name__)

ROOM_FACTOR = 4  # free bytes wanted on this machine for each byte uploaded: the upload and what is made of it


class NoRoom(Exception):
    """Too little is free on this machine for the recording at the moment."""


@contextmanager
def workplace(key: UUID) -> Iterator[Path]:
    """Give an empty folder of this machine, gone afterwards; what a killed attempt under this key left goes first."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for left in settings.MEDIA_ROOT.glob(f"{key}-*"):
        logger.info("removing what an earlier attempt left of %s", key)
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{key}-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


def check_space(video: Video) -> None:
    wanted = ROOM_FACTOR * video.upload.size
    free = shutil.disk_usage(settings.MEDIA_ROOT).free
    if free < wanted:
        raise NoRoom(f"{free} bytes are free and {wanted} are wanted")
