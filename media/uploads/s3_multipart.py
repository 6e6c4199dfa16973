"""S3 multipart uploads whose parts browsers send to presigned URLs."""

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

# Limit of S3: Amazon S3 user guide, "Amazon S3 multipart upload limits".
MIN_PART_BYTES = 5 * 1024**2

PART_URL_SECONDS = 15 * 60
PART_MISMATCH_CODES = frozenset({"BadDigest", "InvalidPart", "InvalidRequest"})


class PartChecksumMismatch(StorageKeyError):
    """Some stored parts do not have the checksums that were sent on completion."""


@dataclass(frozen=True)
class StoredPart:
    number: int
    size: int
    etag: str
    stored_at: datetime


def create_multipart_upload(key: str, *, content_type: str, verify_part_checksums: bool = False) -> str:
    """Return the upload id; either all parts of an upload have checksums, or none."""
    request: CreateMultipartUploadRequestTypeDef = {
        "Bucket": settings.S3_BUCKET,
        "Key": key,
        "ContentType": content_type,
    }
    if verify_part_checksums:
        request["ChecksumAlgorithm"] = "SHA256"
    with storage.translate_s3_errors(key):
        return storage.internal_client().create_multipart_upload(**request)["UploadId"]


def checksum_headers(sha256: str) -> dict[str, str]:
    """Return the headers to send with a part; `sha256` is hexadecimal, empty for none."""
    return {"x-amz-checksum-sha256": _base64_checksum(sha256)} if sha256 else {}


def presigned_part_url(key: str, multipart_id: str, *, number: int, size: int, sha256: str = "") -> str:
    """Return a URL that accepts exactly `size` bytes as part `number` for `PART_URL_SECONDS`.

    With a checksum, the store accepts only bytes that match it, sent with `checksum_headers`.
    """
    checksum = {"ChecksumSHA256": _base64_checksum(sha256)} if sha256 else {}
    return storage.public_client().generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": size,
            **checksum,
        },
        ExpiresIn=PART_URL_SECONDS,
    )


def list_parts(key: str, multipart_id: str) -> list[StoredPart]:
    """Return the stored parts ordered by number; the newer one of a part that was sent twice."""
    newest: dict[int, StoredPart] = {}
    with storage.translate_s3_errors(key):
        pages = storage.internal_client().get_paginator("list_parts")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id):
            for entry in page.get("Parts", []):
                part = StoredPart(entry["PartNumber"], entry["Size"], entry["ETag"], entry["LastModified"])
                previous = newest.get(part.number)
                if previous is None or part.stored_at >= previous.stored_at:
                    newest[part.number] = part
    return [newest[number] for number in sorted(newest)]


def complete_multipart_upload(
    key: str, multipart_id: str, *, parts: Iterable[StoredPart], sha256: Mapping[int, str] | None = None
) -> None:
    """Join the parts into one object.

    Parameters
    ----------
    sha256
        Checksums by part number; S3 requires them again on completion.

    Raises
    ------
    AlreadyStored
        An object with this key exists; objects are never replaced.
    PartChecksumMismatch
        The stored parts have other checksums than these.
    """
    checksums = sha256 or {}
    try:
        with storage.translate_s3_errors(key):
            storage.internal_client().complete_multipart_upload(
                Bucket=settings.S3_BUCKET,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={
                    "Parts": [_completed_part(part, checksums.get(part.number, "")) for part in parts]
                },
                IfNoneMatch="*",
            )
    except StoreRefused as refusal:
        if checksums and refusal.s3_code in PART_MISMATCH_CODES:
            raise PartChecksumMismatch(key) from refusal
        raise


def abort_multipart_upload(key: str, multipart_id: str) -> None:
    """Delete the stored parts. Idempotent: a missing upload counts as success."""
    with suppress(NoSuchMultipartUpload), storage.translate_s3_errors(key):
        storage.internal_client().abort_multipart_upload(
            Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id
        )


def _base64_checksum(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _completed_part(part: StoredPart, sha256: str) -> "CompletedPartTypeDef":
    completed: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": part.etag}
    if sha256:
        completed["ChecksumSHA256"] = _base64_checksum(sha256)
    return completed
