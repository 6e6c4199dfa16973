"""A recording on its way into the bucket."""

from rest_framework import serializers

from api.fields import StrictBooleanField, StrictCharField, StrictIntegerField
from api.requests.base import BaseRequest
from media.uploads.parts import MAX_PART_URLS

MAX_JSON_INTEGER = 2**53 - 1


class UploadRequest(BaseRequest):
    """What is to be sent, so that it can be refused before its first byte."""

    file_name = StrictCharField(max_length=255, allow_blank=True)
    size = StrictIntegerField(max_value=MAX_JSON_INTEGER)
    content_type = StrictCharField(max_length=200)
    sha256 = StrictCharField(max_length=64, required=False)
    verify_part_checksums = StrictBooleanField(source="checks_parts", required=False)
    example = {"file_name": "my story.mp4", "size": 20971520, "content_type": "video/mp4"}


class PartUploadURLRequest(BaseRequest):
    """For which parts addresses are wanted."""

    part_numbers = serializers.ListField(
        child=StrictIntegerField(min_value=1), min_length=1, max_length=MAX_PART_URLS
    )
    sha256 = serializers.ListField(
        child=StrictCharField(min_length=64, max_length=64),
        max_length=MAX_PART_URLS,
        required=False,
        help_text="For an upload that checks its parts: the SHA-256 of each of these, in the same order.",
    )
    example = {"part_numbers": [1, 2, 3]}
