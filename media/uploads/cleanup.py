"""Removes uploads that were started but never completed."""

from datetime import timedelta

from django.utils import timezone

from media.models import Upload
from media.uploads import sessions


def expire_abandoned_uploads(older_than: timedelta) -> int:
    """Close open uploads of this age and delete their bytes; return how many were closed."""
    abandoned = Upload.objects.in_progress().created_before(timezone.now() - older_than)
    return sum(
        sessions.close_upload(upload, Upload.State.EXPIRED) for upload in abandoned.order_by("created_at")
    )
