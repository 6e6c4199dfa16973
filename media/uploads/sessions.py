"""Take a recording from a person's browser into the bucket; the bytes themselves never pass through us.

The browser asks for a place (`begin`), for addresses to send parts to (`media.uploads.parts.create_part_urls`), and says when it is done
(`complete`). What has arrived is whatever the store says has arrived (`media.uploads.parts.list_stored_parts`), so that a reload, a crash or
another device goes on from there.
"""

import logging
import re
import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from media import storage
from media.models import Upload, Video
from media.uploads import s3_multipart

logger = logging.getLogger(__name__)

ACCEPTED_TYPES = frozenset(
    {
        "audio/mp4",
        "audio/webm",
        "audio/x-m4a",
        "audio/x-matroska",
        "video/3gpp",
        "video/3gpp2",
        "video/matroska",
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "video/x-m4v",
        "video/x-matroska",
    }
)
SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")


class UploadRefused(Exception):
    """The file cannot be taken; `problem` and `fix` are sentences for its owner about the field."""

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem} {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix


class UploadClosed(Exception):
    """The upload is over: cancelled, abandoned, or complete when parts were still asked for."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(f"upload {upload.pk} is {upload.state}")
        self.upload = upload


class PartsMissing(Exception):
    """Some parts have not arrived, or not in their right size; `numbers` are to be sent again."""

    def __init__(self, upload: Upload, numbers: list[int]) -> None:
        super().__init__(f"upload {upload.pk} lacks {len(numbers)} parts")
        self.upload = upload
        self.numbers = numbers


def start_upload(
    owner: AbstractBaseUser,
    *,
    file_name: str,
    size: int,
    content_type: str,
    sha256: str | None = None,
    checks_parts: bool = False,
) -> Upload:
    """Open an upload, or refuse it before its first byte was sent.

    With `checks_parts`, addresses are asked for with the SHA-256 of each part, and the store takes nothing else there.

    Raises
    ------
    UploadRefused
        For a file that is empty, too large or of a kind we cannot play, or too many uploads at once.
    media.storage.StoreUnreachable
        Nothing was opened and nothing counts against the owner.
    """
    kind = _accepted_type(content_type)
    _check_size(size)
    checksum = normalise_sha256(sha256)
    upload = _create_upload(
        owner,
        file_name=file_name,
        size=size,
        content_type=kind,
        sha256=checksum,
        checks_parts=checks_parts,
    )
    try:
        upload.multipart_id = s3_multipart.create_multipart_upload(
            upload.key, content_type=kind, checks_parts=checks_parts
        )
    except (storage.StoreUnreachable, storage.StoreRefused):
        upload.delete()
        raise
    upload.save(update_fields=["multipart_id"])
    return upload


def complete_upload(upload: Upload) -> Video:
    """Make one object of the parts and return its video; asked twice, or by two at once, it is the same video.

    Raises
    ------
    PartsMissing
        Naming the parts that are to be sent, again or for the first time.
    UploadClosed
        It was cancelled or swept away before.
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
        row.part_sums = {}
        row.save(update_fields=["state", "completed_at", "part_sums"])
        return Video.objects.create(owner_id=row.owner_id, upload=row)


@transaction.atomic
def _restart_multipart_upload(upload: Upload) -> None:
    """Forget all parts: two devices sent different ones, and nobody can tell which belong together."""
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != Upload.State.OPEN:
        return
    logger.warning("upload %s has parts of different files; all are asked for again", row.pk)
    s3_multipart.abort_multipart_upload(row.key, row.multipart_id)
    row.part_sums = {}
    row.multipart_id = s3_multipart.create_multipart_upload(
        row.key, content_type=row.content_type, checks_parts=True
    )
    row.save(update_fields=["part_sums", "multipart_id"])


def abort_upload(upload: Upload) -> None:
    """Cancel an upload and drop what had arrived; one that is over already stays as it is."""
    _close_upload(upload, Upload.State.ABORTED)


def expire_abandoned_uploads(older_than: timedelta) -> int:
    """Drop uploads that were begun so long ago and never completed; return how many."""
    abandoned = (
        Upload.objects.in_progress().created_before(timezone.now() - older_than).order_by("created_at")
    )
    swept = 0
    for upload in abandoned:
        swept += _close_upload(upload, Upload.State.EXPIRED)
    return swept


def _accepted_type(content_type: str) -> str:
    """Return the type without its parameters: recorders say `video/webm;codecs=vp9,opus`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ACCEPTED_TYPES:
        raise UploadRefused(
            "content_type",
            "This kind of file cannot be played here.",
            "Please choose a video or sound recording: MP4, MOV, M4A, WebM, MKV or 3GP.",
        )
    return kind


def _check_size(size: int) -> None:
    if size <= 0:
        raise UploadRefused("size", "This file is empty.", "Please choose another one, or record again.")
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES / 1024**3
        raise UploadRefused(
            "size",
            f"This file has {size / 1024**3:.1f} GB, and {limit:.1f} GB is the most we can take.",
            "A shorter recording, or one in a lower quality, will fit.",
        )


def normalise_sha256(sha256: str | None) -> str:
    """Return a SHA-256 in small letters, or nothing for none. Raises UploadRefused."""
    checksum = (sha256 or "").lower()
    if checksum and not SHA256_PATTERN.fullmatch(checksum):
        raise UploadRefused(
            "sha256", "This is not a SHA-256 checksum.", "Send 64 hexadecimal digits, or leave it out."
        )
    return checksum


def _create_upload(
    owner: AbstractBaseUser,
    *,
    file_name: str,
    size: int,
    content_type: str,
    sha256: str,
    checks_parts: bool,
) -> Upload:
    upload_id = uuid.uuid4()
    with transaction.atomic():
        # Counting and adding under one lock, so that ten requests at once cannot all be the fifth.
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        if Upload.objects.in_progress().owned_by(owner.pk).count() >= settings.UPLOADS_IN_FLIGHT:
            raise UploadRefused(
                "uploads",
                f"You have {settings.UPLOADS_IN_FLIGHT} uploads under way already.",
                "Finish or cancel one of them first.",
            )
        return Upload.objects.create(
            id=upload_id,
            owner_id=owner.pk,
            file_name=_clean_file_name(file_name),
            content_type=content_type,
            size=size,
            sha256=sha256,
            checks_parts=checks_parts,
            key=f"raw/{upload_id}/source",
            part_size=max(settings.UPLOAD_PART_BYTES, s3_multipart.MIN_PART_BYTES),
        )


def _clean_file_name(file_name: str) -> str:
    last = re.split(r"[/\\]", file_name)[-1]
    return "".join(character for character in last if character.isprintable())[:255]


def _assemble_object(upload: Upload) -> None:
    try:
        found = {part.number: part for part in s3_multipart.list_parts(upload.key, upload.multipart_id)}
        lacking = [
            number
            for number in range(1, upload.part_count + 1)
            if number not in found or found[number].size != upload.size_of_part(number)
        ]
        if lacking:
            raise PartsMissing(upload, lacking)
        wanted = [found[number] for number in range(1, upload.part_count + 1)]
        s3_multipart.complete_multipart_upload(
            upload.key, upload.multipart_id, parts=wanted, sha256=upload.part_checksums
        )
    except (storage.NoSuchMultipartUpload, storage.AlreadyStored):
        logger.info("upload %s was joined before and is only written down now", upload.pk)
    _check_stored_size(upload)


def _check_stored_size(upload: Upload) -> None:
    try:
        arrived = storage.head_object(upload.key).size
    except storage.NoSuchObject:
        arrived = 0
    if arrived != upload.size:
        raise PartsMissing(upload, list(range(1, upload.part_count + 1)))


def _close_upload(upload: Upload, state: Upload.State) -> bool:
    """Mark first and drop the parts after, under the same lock as `complete`."""
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.state != Upload.State.OPEN:
            return False
        row.state, row.part_sums = state, {}
        row.save(update_fields=["state", "part_sums"])
        if row.multipart_id:
            s3_multipart.abort_multipart_upload(row.key, row.multipart_id)
        storage.delete_prefix(f"raw/{row.pk}/")
    return True
