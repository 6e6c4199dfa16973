"""Validates what a browser declares about a file before the upload starts."""

import re

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext

from media.uploads.errors import UploadRefused

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


def accepted_media_type(content_type: str) -> str:
    """Return the type without its parameters: browser recorders send `video/webm;codecs=vp9,opus`."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in ACCEPTED_TYPES:
        raise UploadRefused(
            "content_type",
            gettext("We cannot play this type of file."),
            gettext("Choose a video or audio recording: MP4, MOV, M4A, WebM, MKV or 3GP."),
        )
    return media_type


def check_size(size: int) -> None:
    if size <= 0:
        raise UploadRefused(
            "size", gettext("This file is empty."), gettext("Choose another file, or record again.")
        )
    if size > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(
            "size",
            gettext("This file is %(size)s GB. The largest file we can accept is %(limit)s GB.")
            % {"size": _format_gigabytes(size), "limit": _format_gigabytes(settings.UPLOAD_MAX_BYTES)},
            gettext("Make a shorter recording, or save it in a lower quality."),
        )


def _format_gigabytes(size: int) -> str:
    return number_format(size / 1024**3, decimal_pos=1)


def normalise_sha256(sha256: str | None) -> str:
    """Return a SHA-256 in lower case, empty for None. Raises UploadRefused."""
    checksum = (sha256 or "").lower()
    if checksum and not SHA256_PATTERN.fullmatch(checksum):
        raise UploadRefused(
            "sha256",
            gettext("This is not a SHA-256 checksum."),
            gettext("Send 64 hexadecimal digits, or leave out the checksum."),
        )
    return checksum


def clean_file_name(file_name: str) -> str:
    base_name = re.split(r"[/\\]", file_name)[-1]
    return "".join(character for character in base_name if character.isprintable())[:255]
