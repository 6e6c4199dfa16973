"""Large objects that arrive in parts, from whoever has an address for them (Amazon S3, "multipart upload")."""

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from media import storage
from media.storage import AboutKey, NoSuchMultipart, StoreRefused

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CreateMultipartUploadRequestTypeDef

# Limits of S3 itself: Amazon S3 user guide, "Amazon S3 multipart upload limits".
SMALLEST_PART = 5 * 1024**2

PART_ADDRESS_SECONDS = 15 * 60
OTHER_PARTS = frozenset({"BadDigest", "InvalidPart", "InvalidRequest"})


class OtherParts(AboutKey):
    """Some parts are not those whose checksums were named."""


@dataclass(frozen=True)
class Part:
    """One part of a multipart upload that the store holds."""

    number: int
    size: int
    etag: str
    stored_at: datetime


def begin(key: str, *, content_type: str, checks_parts: bool = False) -> str:
    """Open a multipart upload and return the store's name for it; all of its parts have checksums, or none."""
    wanted: CreateMultipartUploadRequestTypeDef = {
        "Bucket": settings.S3_BUCKET,
        "Key": key,
        "ContentType": content_type,
    }
    if checks_parts:
        wanted["ChecksumAlgorithm"] = "SHA256"
    with storage.asking(key):
        return storage.inside().create_multipart_upload(**wanted)["UploadId"]


def headers_for(sha256: str) -> dict[str, str]:
    """Return what has to be sent with a part of this checksum (hexadecimal digits; empty for none)."""
    return {"x-amz-checksum-sha256": _spelled(sha256)} if sha256 else {}


def sign(key: str, multipart_id: str, *, number: int, size: int, sha256: str = "") -> str:
    """Return an address that takes exactly `size` bytes as part `number`, for a quarter of an hour.

    With a checksum, the store takes only bytes that have it, sent with `headers_for`.
    """
    sums = {"ChecksumSHA256": _spelled(sha256)} if sha256 else {}
    return storage.outside().generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": size,
            **sums,
        },
        ExpiresIn=PART_ADDRESS_SECONDS,
    )


def arrived(key: str, multipart_id: str) -> list[Part]:
    """Return the parts in the store by number; of a part that was sent twice, the newer one."""
    newest: dict[int, Part] = {}
    with storage.asking(key):
        pages = storage.inside().get_paginator("list_parts")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id):
            for found in page.get("Parts", []):
                part = Part(found["PartNumber"], found["Size"], found["ETag"], found["LastModified"])
                known = newest.get(part.number)
                if known is None or part.stored_at >= known.stored_at:
                    newest[part.number] = part
    return [newest[number] for number in sorted(newest)]


def join(
    key: str, multipart_id: str, *, parts: Iterable[Part], sha256: Mapping[int, str] | None = None
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
        with storage.asking(key):
            storage.inside().complete_multipart_upload(
                Bucket=settings.S3_BUCKET,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={"Parts": [_named(part, sums.get(part.number, "")) for part in parts]},
                IfNoneMatch="*",
            )
    except StoreRefused as refusal:
        if sums and refusal.code in OTHER_PARTS:
            raise OtherParts(key) from refusal
        raise


def abort(key: str, multipart_id: str) -> None:
    """Drop the parts; one that is gone already is what was wanted."""
    with suppress(NoSuchMultipart), storage.asking(key):
        storage.inside().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)


def _spelled(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _named(part: Part, sha256: str) -> "CompletedPartTypeDef":
    named: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": part.etag}
    if sha256:
        named["ChecksumSHA256"] = _spelled(sha256)
    return named
