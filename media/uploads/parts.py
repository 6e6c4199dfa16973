"""The parts of an upload: which have arrived, and where to send the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from media.models import Upload
from media.storage import NoSuchMultipartUpload
from media.uploads import s3_multipart
from media.uploads.sessions import UploadClosed, UploadRefused, normalise_sha256

MAX_PART_URLS = 100


class NoSuchPart(Exception):
    """A part was asked for that the upload does not have."""

    def __init__(self, upload: Upload, number: int) -> None:
        super().__init__(f"upload {upload.pk} has no part {number}")
        self.upload = upload
        self.number = number


@dataclass(frozen=True)
class PartUploadURL:
    """Where to PUT one part, how many bytes it has to have, for how long the address holds, and what to say with it."""

    number: int
    size: int
    url: str
    seconds: int
    headers: Mapping[str, str]


def create_part_urls(
    upload: Upload, numbers: Collection[int], *, sha256: Collection[str] = ()
) -> list[PartUploadURL]:
    """Return addresses for these parts; the store takes exactly the announced number of bytes at each.

    Parameters
    ----------
    sha256
        The checksum of each of these parts, in hexadecimal digits, for an upload that checks its parts.

    Raises
    ------
    UploadClosed, NoSuchPart
    UploadRefused
        Checksums are lacking, or there are some although the upload was begun without.
    """
    if upload.state != Upload.State.OPEN:
        raise UploadClosed(upload)
    sums = _checksums_by_number(upload, numbers, sha256)
    wanted = sorted(set(numbers))[:MAX_PART_URLS]
    for number in wanted:
        if not 1 <= number <= upload.part_count:
            raise NoSuchPart(upload, number)
    if sums:
        _save_part_checksums(upload, sums)
    return [_create_part_url(upload, number, sums.get(number, "")) for number in wanted]


def list_stored_parts(upload: Upload) -> list[s3_multipart.StoredPart]:
    """Return the parts that the store holds; all of them once the upload is complete would be no use to anyone."""
    if upload.state != Upload.State.OPEN:
        return []
    try:
        return s3_multipart.list_parts(upload.key, upload.multipart_id)
    except NoSuchMultipartUpload:
        # The store made the object and we were stopped before we wrote that down: `complete` picks it up.
        return []


def _create_part_url(upload: Upload, number: int, sha256: str) -> PartUploadURL:
    size = upload.size_of_part(number)
    headers = s3_multipart.checksum_headers(sha256)
    url = s3_multipart.presigned_part_url(
        upload.key, upload.multipart_id, number=number, size=size, sha256=sha256
    )
    return PartUploadURL(number, size, url, s3_multipart.PART_URL_SECONDS, headers)


@transaction.atomic
def _save_part_checksums(upload: Upload, sums: Mapping[int, str]) -> None:
    """Write down what the parts are sent with: the store asks for it again when it joins them."""
    row = Upload.objects.select_for_update().only("part_sums").get(pk=upload.pk)
    row.part_sums |= {str(number): sum_ for number, sum_ in sums.items()}
    row.save(update_fields=["part_sums"])


def _checksums_by_number(upload: Upload, numbers: Collection[int], sha256: Collection[str]) -> dict[int, str]:
    if not upload.checks_parts and sha256:
        raise UploadRefused(
            "sha256",
            "This upload was begun without checksums of its parts.",
            "Leave them out, or begin anew.",
        )
    if upload.checks_parts and len(sha256) != len(numbers):
        raise UploadRefused(
            "sha256", "This upload checks its parts.", "Send one SHA-256 for each number, in the same order."
        )
    return {number: normalise_sha256(sum_) for number, sum_ in zip(numbers, sha256, strict=False)}
