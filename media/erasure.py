"""Remove a recording for good: the upload, everything made of it, its captions and its rows."""

import logging

from django.db import transaction

from media import storage
from media.models import Upload, Video

logger = logging.getLogger(__name__)


def erase_video(video: Video) -> None:
    """Remove the bytes first and the rows after, so that an interrupted erasure can be begun again.

    A row elsewhere that protects the video has to let go of it first.
    """
    for prefix in (f"out/{video.pk}/", f"work/{video.pk}/", f"raw/{video.upload_id}/"):
        storage.delete_prefix(prefix)
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).delete()
        Upload.objects.filter(pk=video.upload_id).delete()
    # An attempt at preparing it may have stored a piece between the first removal and the rows' end.
    for prefix in (f"out/{video.pk}/", f"work/{video.pk}/"):
        storage.delete_prefix(prefix)
    logger.info("erased video %s", video.pk)
