"""A folder of this machine, and a place in the bucket, for one attempt at something; gone afterwards."""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media import storage
from media.models import Video
from media.storage import StoreUnreachable

logger = logging.getLogger(__name__)

FREE_SPACE_FACTOR = (
    4  # free bytes wanted on this machine for each byte uploaded: the upload and what is made of it
)


class NotEnoughDiskSpace(Exception):
    """Too little is free on this machine for the recording at the moment."""


@contextmanager
def scratch_folder(key: UUID) -> Iterator[Path]:
    """Give an empty folder of this machine, gone afterwards; what a killed attempt under this key left goes first."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for left in settings.MEDIA_ROOT.glob(f"{key}-*"):
        logger.info("removing what an earlier attempt left of %s", key)
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{key}-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


@contextmanager
def version_prefix(video: Video, home: str) -> Iterator[str]:
    """Give a prefix under `home` for one attempt; what was put there goes again unless the row names it in the end.

    Also for an attempt that lost its lease or was cancelled: nobody else would come by to clear up after a video that
    was erased meanwhile.
    """
    prefix = f"{home}{secrets.token_urlsafe(24)}/"
    try:
        yield prefix
    finally:
        if not Video.objects.filter(pk=video.pk, prefix=prefix).exists():
            with suppress(StoreUnreachable):
                storage.delete_prefix(prefix)


def check_free_disk_space(video: Video) -> None:
    wanted = FREE_SPACE_FACTOR * video.upload.size
    free = shutil.disk_usage(settings.MEDIA_ROOT).free
    if free < wanted:
        raise NotEnoughDiskSpace(f"{free} bytes are free and {wanted} are wanted")
