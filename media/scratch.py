"""Temporary local folders and storage prefixes for processing attempts."""

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

FREE_SPACE_FACTOR = 4  # free bytes required per uploaded byte, for the upload and its derivatives


class NotEnoughDiskSpace(Exception):
    """Too little free disk space for the recording and its derivatives."""


@contextmanager
def scratch_folder(key: UUID) -> Iterator[Path]:
    """Create an empty folder and delete it afterwards; also deletes folders that killed attempts left for this key."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for leftover in settings.MEDIA_ROOT.glob(f"{key}-*"):
        logger.info("deleting scratch folder of an earlier attempt at %s", key)
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{key}-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


@contextmanager
def version_prefix(video: Video, outputs_prefix: str) -> Iterator[str]:
    """Create a storage prefix for one attempt; its files are deleted unless the video refers to it afterwards.

    This includes attempts that were cancelled or lost their lease: no later attempt cleans up after an erased video.
    """
    prefix = f"{outputs_prefix}{secrets.token_urlsafe(24)}/"
    try:
        yield prefix
    finally:
        if not Video.objects.filter(pk=video.pk, prefix=prefix).exists():
            with suppress(StoreUnreachable):
                storage.delete_prefix(prefix)


def check_free_disk_space(video: Video) -> None:
    required = FREE_SPACE_FACTOR * video.upload.size
    free = shutil.disk_usage(settings.MEDIA_ROOT).free
    if free < required:
        raise NotEnoughDiskSpace(f"{free} bytes free, {required} bytes required")
