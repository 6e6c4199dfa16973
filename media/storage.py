"""The object store: the only module that speaks S3, and what it answers is ours.

Keys are made here and carry nothing a person typed:

`raw/<upload>/source`
    What was uploaded. Never given to anybody; read by the worker that prepares it.
`out/<video>/<token>/<name>`
    One version of the derivatives. The token cannot be guessed, and the bucket cannot be listed by strangers;
    reaching an object takes an address signed for it.
`work/<video>/...`
    What workers hand each other while a video is prepared. No address is ever signed for it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CORSRuleTypeDef

# Limits of S3 itself: Amazon S3 user guide, "Amazon S3 multipart upload limits".
SMALLEST_PART = 5 * 1024**2
MOST_PARTS = 10_000
MOST_DELETED_AT_ONCE = 1000

PART_ADDRESS_SECONDS = 15 * 60
CHUNK = 1024**2
SERVER_FAULTS = 500  # and above: RFC 9110, section 15.6
MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
EXISTING = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})


class StoreUnreachable(Exception):
    """The object store did not answer, or answered that it cannot at the moment; worth trying again."""


class StoreRefused(Exception):
    """The object store understood and said no: our keys, rights or requests are wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AboutKey(Exception):
    """Something that the store says of what stands, or does not stand, under a key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class NoSuchObject(AboutKey):
    pass


class NoSuchMultipart(AboutKey):
    """The multipart upload is unknown: completed before, aborted, or swept away."""


class AlreadyStored(AboutKey):
    """An object stands under this key, and objects are never overwritten."""


@dataclass(frozen=True)
class Part:
    """One part of a multipart upload that the store holds."""

    number: int
    size: int
    etag: str
    stored_at: datetime


@dataclass(frozen=True)
class StoredObject:
    key: str
    size: int
    content_type: str


def open_multipart(key: str, *, content_type: str) -> str:
    """Open a multipart upload and return the store's name for it."""
    with _asking(key):
        answer = _inside().create_multipart_upload(
            Bucket=settings.S3_BUCKET, Key=key, ContentType=content_type
        )
    return answer["UploadId"]


def sign_part(key: str, multipart_id: str, *, number: int, size: int) -> str:
    """Return an address that takes exactly `size` bytes as part `number`, for a quarter of an hour."""
    return _outside().generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": size,
        },
        ExpiresIn=PART_ADDRESS_SECONDS,
    )


def list_parts(key: str, multipart_id: str) -> list[Part]:
    """Return the parts in the store by number; of a part that was sent twice, the newer one."""
    newest: dict[int, Part] = {}
    with _asking(key):
        pages = _inside().get_paginator("list_parts")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id):
            for found in page.get("Parts", []):
                part = Part(found["PartNumber"], found["Size"], found["ETag"], found["LastModified"])
                known = newest.get(part.number)
                if known is None or part.stored_at >= known.stored_at:
                    newest[part.number] = part
    return [newest[number] for number in sorted(newest)]


def complete_multipart(key: str, multipart_id: str, *, parts: Iterable[Part]) -> None:
    """Make one object of the parts; raises AlreadyStored rather than replace an object."""
    with _asking(key):
        _inside().complete_multipart_upload(
            Bucket=settings.S3_BUCKET,
            Key=key,
            UploadId=multipart_id,
            MultipartUpload={"Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in parts]},
            IfNoneMatch="*",
        )


def abort_multipart(key: str, multipart_id: str) -> None:
    """Drop the parts; one that is gone already is what was wanted."""
    with suppress(NoSuchMultipart), _asking(key):
        _inside().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)


def head(key: str) -> StoredObject:
    with _asking(key):
        answer = _inside().head_object(Bucket=settings.S3_BUCKET, Key=key)
    return StoredObject(key, answer["ContentLength"], answer.get("ContentType", ""))


def fetch(key: str, *, to: Path) -> str:
    """Copy an object into a file and return the SHA-256 of what arrived."""
    digest = hashlib.sha256()
    with _asking(key), to.open("wb") as file:
        body = _inside().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"]
        for chunk in body.iter_chunks(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def read(key: str) -> bytes:
    with _asking(key):
        return _inside().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"].read()


def store(path: Path, *, key: str, content_type: str) -> None:
    """Copy a file into the bucket. A link in its place is refused: out of the sandbox, it would publish anything."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file, _asking(key):
        _inside().put_object(
            Bucket=settings.S3_BUCKET,
            Key=key,
            Body=file,
            ContentType=content_type,
            CacheControl=f"private, max-age={settings.SIGNED_SECONDS}",
        )


def copy(key: str, *, to: str) -> None:
    """Put the same bytes, and what is said of them, under another key; they never leave the store."""
    with _asking(key):
        _inside().copy_object(Bucket=settings.S3_BUCKET, Key=to, CopySource=f"{settings.S3_BUCKET}/{key}")


def sign(key: str, *, seconds: int) -> str:
    """Return an address for a browser that reads one object for so many seconds."""
    return _outside().generate_presigned_url(
        "get_object", Params={"Bucket": settings.S3_BUCKET, "Key": key}, ExpiresIn=seconds
    )


def list_keys(prefix: str) -> Iterator[str]:
    with _asking(prefix):
        pages = _inside().get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            for found in page.get("Contents", []):
                yield found["Key"]


def delete_prefix(prefix: str, *, keep: str = "") -> int:
    """Delete everything under a prefix, except what begins with `keep`; return how many objects went."""
    if not prefix.endswith("/"):
        # raw/1 would take raw/12 along, and an empty prefix the whole bucket.
        raise ValueError(f"a prefix ends with a slash, unlike {prefix!r}")
    doomed = [key for key in list_keys(prefix) if not (keep and key.startswith(keep))]
    for start in range(0, len(doomed), MOST_DELETED_AT_ONCE):
        batch = doomed[start : start + MOST_DELETED_AT_ONCE]
        with _asking(prefix):
            answer = _inside().delete_objects(
                Bucket=settings.S3_BUCKET, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
            )
        for error in answer.get("Errors", []):
            raise StoreRefused(error.get("Code", "delete"))
    return len(doomed)


def ensure_bucket() -> None:
    """Create the bucket where it is missing, and let our own pages send parts and read what we sign."""
    client, bucket = _inside(), settings.S3_BUCKET
    try:
        with _asking(bucket):
            client.head_bucket(Bucket=bucket)
    except NoSuchObject:
        with _asking(bucket):
            client.create_bucket(Bucket=bucket)
    rule: CORSRuleTypeDef = {
        "AllowedOrigins": [settings.PUBLIC_ORIGIN],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Content-Length", "Content-Range"],
        "MaxAgeSeconds": 3600,
    }
    with _asking(bucket):
        client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def _inside() -> "S3Client":
    return _client(settings.S3_ENDPOINT, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY, settings.S3_REGION)


def _outside() -> "S3Client":
    """Signs for the address that browsers use: the host is part of the signature."""
    return _client(
        settings.S3_PUBLIC_ENDPOINT, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY, settings.S3_REGION
    )


@cache
def _client(endpoint: str, access_key: str, secret_key: str, region: str) -> "S3Client":
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=region,
        config=Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=16,
            s3={"addressing_style": "path"},
            # A signed address that demands a checksum header could not be used by a plain browser PUT.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _asking(key: str) -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except ClientError as error:
        raise _named(error, key) from error
    except BotoCoreError as error:
        raise StoreUnreachable(type(error).__name__) from error


def _named(error: ClientError, key: str) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchUpload":
        return NoSuchMultipart(key)
    if code in MISSING:
        return NoSuchObject(key)
    if code in EXISTING:
        return AlreadyStored(key)
    if status >= SERVER_FAULTS or code in {"SlowDown", "RequestTimeout"}:
        return StoreUnreachable(code)
    return StoreRefused(code)
