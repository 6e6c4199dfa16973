"""Large objects that arrive in parts, from whoever has an address for them (Amazon S3, "multipart upload")."""

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from media import storage
from media.storage import NoSuchMultipartUpload, StorageKeyError, StoreRefused

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CreateMultipartUploadRequestTypeDef

# Limits of S3 itself: Amazon S3 user guide, "Amazon S3 multipart upload limits".
MIN_PART_BYTES = 5 * 1024**2

PART_URL_SECONDS = 15 * 60
PART_MISMATCH_CODES = frozenset({"BadDigest", "InvalidPart", "InvalidRequest"})


class PartChecksumMismatch(StorageKeyError):
    """Some parts are not those whose checksums were named."""


@dataclass(frozen=True)
class StoredPart:
    """One part of a multipart upload that the store holds."""

    number: int
    size: int
    etag: str
    stored_at: datetime


def create_multipart_upload(key: str, *, content_type: str, checks_parts: bool = False) -> str:
    """Open a multipart upload and return the store's name for it; all of its parts have checksums, or none."""
    wanted: CreateMultipartUploadRequestTypeDef = {
        "Bucket": settings.S3_BUCKET,
        "Key": key,
        "ContentType": content_type,
    }
    if checks_parts:
        wanted["ChecksumAlgorithm"] = "SHA256"
    with storage.translate_s3_errors(key):
        return storage.internal_client().create_multipart_upload(**wanted)["UploadId"]


def checksum_headers(sha256: str) -> dict[str, str]:
    """Return what has to be sent with a part of this checksum (hexadecimal digits; empty for none)."""
    return {"x-amz-checksum-sha256": _base64_checksum(sha256)} if sha256 else {}


def presigned_part_url(key: str, multipart_id: str, *, number: int, size: int, sha256: str = "") -> str:
    """Return an address that takes exactly `size` bytes as part `number`, for a quarter of an hour.

    With a checksum, the store takes only bytes that have it, sent with `headers_for`.
    """
    sums = {"ChecksumSHA256": _base64_checksum(sha256)} if sha256 else {}
    return storage.public_client().generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": size,
            **sums,
        },
        ExpiresIn=PART_URL_SECONDS,
    )


def list_parts(key: str, multipart_id: str) -> list[StoredPart]:
    """Return the parts in the store by number; of a part that was sent twice, the newer one."""
    newest: dict[int, StoredPart] = {}
    with storage.translate_s3_errors(key):
        pages = storage.internal_client().get_paginator("list_parts")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id):
            for found in page.get("Parts", []):
                part = StoredPart(found["PartNumber"], found["Size"], found["ETag"], found["LastModified"])
                known = newest.get(part.number)
                if known is None or part.stored_at >= known.stored_at:
                    newest[part.number] = part
    return [newest[number] for number in sorted(newest)]


def complete_multipart_upload(
    key: str, multipart_id: str, *, parts: Iterable[StoredPart], sha256: Mapping[int, str] | None = None
) -> None:
    """Make one object of the parts.

    Parameters
    ----------
    sha256
        By number, the checksums that the parts were sent with: the store wants to hear them once more.

    Raises
    ------
    AlreadyStored
        Rather than replace an object.
    OtherParts
        The store holds parts with other checksums than these.
    """
    sums = sha256 or {}
    try:
        with storage.translate_s3_errors(key):
            storage.internal_client().complete_multipart_upload(
                Bucket=settings.S3_BUCKET,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={
                    "Parts": [_completed_part(part, sums.get(part.number, "")) for part in parts]
                },
                IfNoneMatch="*",
            )
    except StoreRefused as refusal:
        if sums and refusal.code in PART_MISMATCH_CODES:
            raise PartChecksumMismatch(key) from refusal
        raise


def abort_multipart_upload(key: str, multipart_id: str) -> None:
    """Drop the parts; one that is gone already is what was wanted."""
    with suppress(NoSuchMultipartUpload), storage.translate_s3_errors(key):
        storage.internal_client().abort_multipart_upload(
            Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id
        )


def _base64_checksum(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _completed_part(part: StoredPart, sha256: str) -> "CompletedPartTypeDef":
    named: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": part.etag}
    if sha256:
        named["ChecksumSHA256"] = _base64_checksum(sha256)
    return named
