"""Requests about uploads of recordings."""

from rest_framework import serializers

from api.fields import StrictBooleanField, StrictCharField, StrictIntegerField
from api.requests.base import BaseRequest
from media.uploads.parts import MAX_PART_URLS

MAX_JSON_INTEGER = 2**53 - 1


class UploadRequest(BaseRequest):
    """The file to upload, which is validated before its first byte is sent."""

    file_name = StrictCharField(max_length=255, allow_blank=True)
    size = StrictIntegerField(max_value=MAX_JSON_INTEGER)
    content_type = StrictCharField(max_length=200)
    sha256 = StrictCharField(max_length=64, required=False)
    verify_part_checksums = StrictBooleanField(required=False)
    example = {"file_name": "my story.mp4", "size": 20971520, "content_type": "video/mp4"}


class PartUploadURLRequest(BaseRequest):
    """The parts that need upload URLs."""

    part_numbers = serializers.ListField(
        child=StrictIntegerField(min_value=1), min_length=1, max_length=MAX_PART_URLS
    )
    sha256 = serializers.ListField(
        child=StrictCharField(min_length=64, max_length=64),
        max_length=MAX_PART_URLS,
        required=False,
        help_text="The SHA-256 of each part in the same order, for an upload that verifies them.",
    )
    example = {"part_numbers": [1, 2, 3]}
