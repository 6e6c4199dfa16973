"""Erases a recording: the upload, all derivatives, captions and database rows."""

import logging

from django.db import transaction

from media import storage
from media.chunked_encoding.chunk_storage import work_prefix
from media.models import Upload, Video
from media.video_status import outputs_prefix

logger = logging.getLogger(__name__)


def erase_video(video: Video) -> None:
    """Delete files before rows, so that an interrupted erasure can be repeated.

    Rows that protect the video, such as its story, must release it first.
    """
    derivatives = (outputs_prefix(video), work_prefix(video))
    for prefix in (*derivatives, f"raw/{video.upload_id}/"):
        storage.delete_prefix(prefix)
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).delete()
        Upload.objects.filter(pk=video.upload_id).delete()
    # A processing attempt may have stored files between the first deletion and the deletion of the rows.
    for prefix in derivatives:
        storage.delete_prefix(prefix)
    logger.info("erased video %s", video.pk)
