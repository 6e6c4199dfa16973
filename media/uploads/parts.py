"""Parts of an upload: which ones are stored, and presigned URLs for the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from domain_errors.categories import FieldError
from media.models import Upload
from media.storage import NoSuchMultipartUpload
from media.uploads import s3_multipart
from media.uploads.declared_metadata import normalise_sha256
from media.uploads.errors import UploadClosed, UploadRefused

MAX_PART_URLS = 100


class NoSuchPart(FieldError):
    def __init__(self, upload: Upload, number: int) -> None:
        super().__init__(
            "part_numbers",
            gettext("This upload has no part %(number)d.") % {"number": number},
            gettext("Use numbers from 1 to %(count)d.") % {"count": upload.part_count},
        )
        self.upload = upload
        self.number = number


@dataclass(frozen=True)
class PartUploadURL:
    """Presigned PUT request for one part: exact body size in bytes, URL lifetime in seconds, required headers."""

    number: int
    size: int
    url: str
    seconds: int
    headers: Mapping[str, str]


def create_part_urls(
    upload: Upload, numbers: Collection[int], *, sha256: Collection[str] = ()
) -> list[PartUploadURL]:
    """Return presigned URLs for at most 100 parts; the store accepts exactly the declared size at each.

    Parameters
    ----------
    sha256
        Hexadecimal checksum of each part, in the order of `numbers`; only if the upload verifies its parts.

    Raises
    ------
    UploadClosed, NoSuchPart
    UploadRefused
        Checksums are missing, or were sent for an upload that was started without them.
    """
    if upload.state != Upload.State.OPEN:
        raise UploadClosed(upload)
    checksums = _checksums_by_number(upload, numbers, sha256)
    requested = sorted(set(numbers))[:MAX_PART_URLS]
    for number in requested:
        if not 1 <= number <= upload.part_count:
            raise NoSuchPart(upload, number)
    if checksums:
        _save_part_checksums(upload, checksums)
    return [_create_part_url(upload, number, checksums.get(number, "")) for number in requested]


def list_stored_parts(upload: Upload) -> list[s3_multipart.StoredPart]:
    """Return the stored parts; empty once the upload is no longer open."""
    if upload.state != Upload.State.OPEN:
        return []
    try:
        return s3_multipart.list_parts(upload.key, upload.multipart_id)
    except NoSuchMultipartUpload:
        # A crash separated completion in the store from the update of our row; `complete_upload` recovers from that.
        return []


def _create_part_url(upload: Upload, number: int, sha256: str) -> PartUploadURL:
    size = upload.size_of_part(number)
    headers = s3_multipart.checksum_headers(sha256)
    url = s3_multipart.presigned_part_url(
        upload.key, upload.multipart_id, number=number, size=size, sha256=sha256
    )
    return PartUploadURL(number, size, url, s3_multipart.PART_URL_SECONDS, headers)


@transaction.atomic
def _save_part_checksums(upload: Upload, checksums: Mapping[int, str]) -> None:
    """S3 requires the checksums of the parts again on completion."""
    row = Upload.objects.select_for_update().only("part_checksums").get(pk=upload.pk)
    row.part_checksums |= {str(number): checksum for number, checksum in checksums.items()}
    row.save(update_fields=["part_checksums"])


def _checksums_by_number(upload: Upload, numbers: Collection[int], sha256: Collection[str]) -> dict[int, str]:
    if not upload.verifies_part_checksums and sha256:
        raise UploadRefused(
            "sha256",
            gettext("This upload was started without checksums for its parts."),
            gettext("Leave out the checksums, or start a new upload."),
        )
    if upload.verifies_part_checksums and len(sha256) != len(numbers):
        raise UploadRefused(
            "sha256",
            gettext("This upload verifies the checksum of each part."),
            gettext("Send one SHA-256 checksum for each part number, in the same order."),
        )
    return {number: normalise_sha256(checksum) for number, checksum in zip(numbers, sha256, strict=False)}
