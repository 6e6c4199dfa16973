"""Resumable uploads from a browser straight to the bucket; the bytes never pass through this application.

The browser starts an upload (`start_upload`), requests presigned URLs (`media.uploads.parts.create_part_urls`) and completes it
(`complete_upload`). The store is authoritative about stored parts (`media.uploads.parts.list_stored_parts`), so an upload resumes
after a reload, a crash or on another device.
"""

import logging
import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from media import storage
from media.models import Upload, Video
from media.uploads import declared_metadata, s3_multipart
from media.uploads.errors import PartsMissing, UploadClosed, UploadRefused

logger = logging.getLogger(__name__)


def start_upload(
    owner: AbstractBaseUser,
    *,
    file_name: str,
    size: int,
    content_type: str,
    sha256: str | None = None,
    verify_part_checksums: bool = False,
) -> Upload:
    """Create an upload, or refuse it before the first byte is sent.

    With `verify_part_checksums`, each part URL requires the SHA-256 of its part, and the store accepts only matching bytes.

    Raises
    ------
    UploadRefused
        The file is empty, too large or of an unsupported type, or the owner has too many open uploads.
    media.storage.StoreUnreachable
        No upload was created.
    """
    media_type = declared_metadata.accepted_media_type(content_type)
    declared_metadata.check_size(size)
    checksum = declared_metadata.normalise_sha256(sha256)
    upload = _create_upload(
        owner,
        file_name=file_name,
        size=size,
        content_type=media_type,
        sha256=checksum,
        verify_part_checksums=verify_part_checksums,
    )
    try:
        upload.multipart_id = s3_multipart.create_multipart_upload(
            upload.key, content_type=media_type, verify_part_checksums=verify_part_checksums
        )
    except (storage.StoreUnreachable, storage.StoreRefused):
        upload.delete()
        raise
    upload.save(update_fields=["multipart_id"])
    return upload


def complete_upload(upload: Upload) -> Video:
    """Join the parts into one object and return its video. Idempotent, also under concurrent calls.

    Raises
    ------
    PartsMissing
        With the numbers of the parts to send.
    UploadClosed
        The upload was cancelled or has expired.
    """
    try:
        return _complete_locked_upload(upload)
    except s3_multipart.PartChecksumMismatch:
        _restart_multipart_upload(upload)
        raise PartsMissing(upload, list(range(1, upload.part_count + 1))) from None


def _complete_locked_upload(upload: Upload) -> Video:
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.state == Upload.State.COMPLETE:
            return Video.objects.get(upload=row)
        if row.state != Upload.State.OPEN:
            raise UploadClosed(row)
        _assemble_object(row)
        row.state = Upload.State.COMPLETE
        row.completed_at = timezone.now()
        row.part_checksums = {}
        row.save(update_fields=["state", "completed_at", "part_checksums"])
        return Video.objects.create(owner_id=row.owner_id, upload=row)


@transaction.atomic
def _restart_multipart_upload(upload: Upload) -> None:
    """Discard all parts: two devices sent parts of different files, and the store cannot tell them apart."""
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != Upload.State.OPEN:
        return
    logger.warning("upload %s has parts of different files; requesting all parts again", row.pk)
    s3_multipart.abort_multipart_upload(row.key, row.multipart_id)
    row.part_checksums = {}
    row.multipart_id = s3_multipart.create_multipart_upload(
        row.key, content_type=row.content_type, verify_part_checksums=True
    )
    row.save(update_fields=["part_checksums", "multipart_id"])


def abort_upload(upload: Upload) -> None:
    """Cancel an open upload and delete its parts; a closed upload stays unchanged."""
    close_upload(upload, Upload.State.ABORTED)


def _create_upload(
    owner: AbstractBaseUser,
    *,
    file_name: str,
    size: int,
    content_type: str,
    sha256: str,
    verify_part_checksums: bool,
) -> Upload:
    upload_id = uuid.uuid4()
    with transaction.atomic():
        # Lock the owner, so that concurrent requests cannot exceed the limit.
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        if Upload.objects.in_progress().owned_by(owner.pk).count() >= settings.UPLOADS_IN_FLIGHT:
            raise UploadRefused(
                "uploads",
                ngettext(
                    "You already have %(count)d upload in progress.",
                    "You already have %(count)d uploads in progress.",
                    settings.UPLOADS_IN_FLIGHT,
                )
                % {"count": settings.UPLOADS_IN_FLIGHT},
                gettext("Finish or cancel an upload first."),
            )
        return Upload.objects.create(
            id=upload_id,
            owner_id=owner.pk,
            file_name=declared_metadata.clean_file_name(file_name),
            content_type=content_type,
            size=size,
            sha256=sha256,
            verifies_part_checksums=verify_part_checksums,
            key=f"raw/{upload_id}/source",
            part_size=max(settings.UPLOAD_PART_BYTES, s3_multipart.MIN_PART_BYTES),
        )


def _assemble_object(upload: Upload) -> None:
    try:
        stored = {part.number: part for part in s3_multipart.list_parts(upload.key, upload.multipart_id)}
        missing = [
            number
            for number in range(1, upload.part_count + 1)
            if number not in stored or stored[number].size != upload.size_of_part(number)
        ]
        if missing:
            raise PartsMissing(upload, missing)
        parts = [stored[number] for number in range(1, upload.part_count + 1)]
        s3_multipart.complete_multipart_upload(
            upload.key, upload.multipart_id, parts=parts, sha256=upload.part_checksums_by_number
        )
    except (storage.NoSuchMultipartUpload, storage.AlreadyStored):
        logger.info("upload %s is already complete in the store; updating the database only", upload.pk)
    _check_stored_size(upload)


def _check_stored_size(upload: Upload) -> None:
    try:
        stored_size = storage.head_object(upload.key).size
    except storage.NoSuchObject:
        stored_size = 0
    if stored_size != upload.size:
        raise PartsMissing(upload, list(range(1, upload.part_count + 1)))


def close_upload(upload: Upload, state: Upload.State) -> bool:
    """Close an open upload and delete its bytes, under the same lock as `complete_upload`; False if it is closed."""
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.state != Upload.State.OPEN:
            return False
        row.state, row.part_checksums = state, {}
        row.save(update_fields=["state", "part_checksums"])
        if row.multipart_id:
            s3_multipart.abort_multipart_upload(row.key, row.multipart_id)
        storage.delete_prefix(f"raw/{row.pk}/")
    return True
