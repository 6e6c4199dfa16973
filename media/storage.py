"""Object storage: only this module and `media.uploads.s3_multipart` call S3, and they raise our own exceptions.

Object keys never contain user input:

`raw/<upload>/source`
    The uploaded original. Only workers read it.
`out/<video>/<token>/<name>`
    One version of the derivatives. The token is random, the bucket listing is private, and every read needs a
    presigned URL.
`work/<video>/...`
    Intermediate files that workers share. No presigned URL is ever issued for them.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from domain_errors.categories import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CORSRuleTypeDef

MAX_KEYS_PER_DELETE = 1000
READ_BLOCK_BYTES = 1024**2
MIN_SERVER_ERROR_STATUS = 500  # RFC 9110, section 15.6
NOT_FOUND_CODES = frozenset({"404", "NoSuchKey", "NotFound"})
CONFLICT_CODES = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})


class StoreUnreachable(UnavailableError):
    """The object store does not answer or is temporarily unavailable; worth a retry."""


class StoreRefused(UnavailableError):
    """The object store rejected the request: our credentials, permissions or parameters are wrong."""

    def __init__(self, s3_code: str) -> None:
        super().__init__(s3_code)
        self.s3_code = s3_code


class StorageKeyError(Exception):
    """Base of the errors about one key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class NoSuchObject(StorageKeyError):
    pass


class NoSuchMultipartUpload(StorageKeyError):
    """The multipart upload is unknown: already completed, aborted or expired."""


class AlreadyStored(StorageKeyError):
    """An object with this key exists; objects are never overwritten."""


@dataclass(frozen=True)
class StoredObject:
    key: str
    size: int
    content_type: str


def head_object(key: str) -> StoredObject:
    with translate_s3_errors(key):
        response = internal_client().head_object(Bucket=settings.S3_BUCKET, Key=key)
    return StoredObject(key, response["ContentLength"], response.get("ContentType", ""))


def download_object(key: str, *, to: Path) -> str:
    """Download an object into a file and return the SHA-256 of the received bytes."""
    digest = hashlib.sha256()
    with translate_s3_errors(key), to.open("wb") as file:
        body = internal_client().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"]
        for chunk in body.iter_chunks(READ_BLOCK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def read_object(key: str) -> bytes:
    with translate_s3_errors(key):
        return internal_client().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"].read()


def put_file(path: Path, *, key: str, content_type: str) -> None:
    """Upload a file. Symbolic links are refused: sandboxed code could otherwise publish any file of this machine."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file, translate_s3_errors(key):
        internal_client().put_object(
            Bucket=settings.S3_BUCKET,
            Key=key,
            Body=file,
            ContentType=content_type,
            CacheControl=f"private, max-age={settings.SIGNED_SECONDS}",
        )


def copy_object(key: str, *, to: str) -> None:
    """Copy an object and its metadata within the store."""
    with translate_s3_errors(key):
        internal_client().copy_object(
            Bucket=settings.S3_BUCKET, Key=to, CopySource=f"{settings.S3_BUCKET}/{key}"
        )


def presigned_url(key: str, *, seconds: int) -> str:
    """Return a URL from which a browser can read one object for `seconds`."""
    return public_client().generate_presigned_url(
        "get_object", Params={"Bucket": settings.S3_BUCKET, "Key": key}, ExpiresIn=seconds
    )


def list_keys(prefix: str) -> Iterator[str]:
    with translate_s3_errors(prefix):
        pages = internal_client().get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"]


def delete_prefix(prefix: str, *, keep: str = "") -> int:
    """Delete all objects with this prefix except those that start with `keep`; return how many were deleted."""
    if not prefix.endswith("/"):
        # raw/1 also matches raw/12, and an empty prefix matches the whole bucket.
        raise ValueError(f"a prefix must end with a slash, got {prefix!r}")
    keys = [key for key in list_keys(prefix) if not (keep and key.startswith(keep))]
    for start in range(0, len(keys), MAX_KEYS_PER_DELETE):
        batch = keys[start : start + MAX_KEYS_PER_DELETE]
        with translate_s3_errors(prefix):
            response = internal_client().delete_objects(
                Bucket=settings.S3_BUCKET, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
            )
        for error in response.get("Errors", []):
            raise StoreRefused(error.get("Code", "delete"))
    return len(keys)


def ensure_bucket() -> None:
    """Create a missing bucket, and set CORS so that our pages can use presigned URLs."""
    client, bucket = internal_client(), settings.S3_BUCKET
    try:
        with translate_s3_errors(bucket):
            client.head_bucket(Bucket=bucket)
    except NoSuchObject:
        with translate_s3_errors(bucket):
            client.create_bucket(Bucket=bucket)
    rule: CORSRuleTypeDef = {
        "AllowedOrigins": [settings.PUBLIC_ORIGIN],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Content-Length", "Content-Range"],
        "MaxAgeSeconds": 3600,
    }
    with translate_s3_errors(bucket):
        client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def internal_client() -> "S3Client":
    """Return the client for requests from this application."""
    return _client(settings.S3_ENDPOINT, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY, settings.S3_REGION)


def public_client() -> "S3Client":
    """Return the client that signs URLs for browsers: the host is part of the signature."""
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
            # A plain browser PUT cannot use a presigned URL that requires a checksum header.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def translate_s3_errors(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _translate_client_error(error, key) from error
    except BotoCoreError as error:
        raise StoreUnreachable(type(error).__name__) from error


def _translate_client_error(error: ClientError, key: str) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchUpload":
        return NoSuchMultipartUpload(key)
    if code in NOT_FOUND_CODES:
        return NoSuchObject(key)
    if code in CONFLICT_CODES:
        return AlreadyStored(key)
    if status >= MIN_SERVER_ERROR_STATUS or code in {"SlowDown", "RequestTimeout"}:
        return StoreUnreachable(code)
    return StoreRefused(code)
