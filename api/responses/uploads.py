"""A recording on its way into the bucket."""

from rest_framework import serializers

from api.requests.base import (
    BaseRequest,
    BaseResponse,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from media.models import Upload, Video
from media.uploads.parts import MAX_PART_URLS

MAX_JSON_INTEGER = 2**53 - 1
UPLOAD_ID_EXAMPLE = "8a6d2b1e-8f4a-4f0c-9f39-7f0d3c1b2a10"


class UploadRequest(BaseRequest):
    """What is to be sent, so that it can be refused before its first byte."""

    file_name = StrictCharField(max_length=255, allow_blank=True)
    size = StrictIntegerField(max_value=MAX_JSON_INTEGER)
    content_type = StrictCharField(max_length=200)
    sha256 = StrictCharField(max_length=64, required=False)
    checks_parts = StrictBooleanField(required=False)
    example = {"file_name": "my story.mp4", "size": 20971520, "content_type": "video/mp4"}


class PartUploadURLRequest(BaseRequest):
    """For which parts addresses are wanted."""

    numbers = serializers.ListField(
        child=StrictIntegerField(min_value=1), min_length=1, max_length=MAX_PART_URLS
    )
    sha256 = serializers.ListField(
        child=StrictCharField(min_length=64, max_length=64),
        max_length=MAX_PART_URLS,
        required=False,
        help_text="For an upload that checks its parts: the SHA-256 of each of these, in the same order.",
    )
    example = {"numbers": [1, 2, 3]}


class UploadedPartResponse(BaseResponse):
    """One part that the store has."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()


class VideoResponse(BaseResponse):
    """What became of a complete upload."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Video.Status.choices)
    reason = serializers.CharField(allow_blank=True)


class UploadResponse(BaseResponse):
    """An upload, and which of its parts the store has by now."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Upload.State.choices)
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    part_size = serializers.IntegerField()
    part_count = serializers.IntegerField()
    checks_parts = serializers.BooleanField()
    parts = UploadedPartResponse(many=True)
    video = VideoResponse(allow_null=True)
    created_at = serializers.DateTimeField()
    example = {
        "id": UPLOAD_ID_EXAMPLE,
        "state": "open",
        "file_name": "my story.mp4",
        "content_type": "video/mp4",
        "size": 20971520,
        "part_size": 8388608,
        "part_count": 3,
        "checks_parts": False,
        "parts": [{"number": 1, "size": 8388608}],
        "video": None,
        "created_at": "2026-03-01T18:30:00Z",
    }


class OpenUploadResponse(BaseResponse):
    """An upload that was begun and not completed yet, on whichever device."""

    id = serializers.UUIDField()
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    checks_parts = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class OpenUploadListResponse(BaseResponse):
    """All of one's uploads under way; there are never more than a handful."""

    items = OpenUploadResponse(many=True)
    example = {
        "items": [
            {
                "id": UPLOAD_ID_EXAMPLE,
                "file_name": "my story.mp4",
                "content_type": "video/mp4",
                "size": 20971520,
                "checks_parts": True,
                "created_at": "2026-03-01T18:30:00Z",
            }
        ]
    }


class PartUploadURLResponse(BaseResponse):
    """Where to PUT one part: exactly `size` bytes, within `seconds`, with these `headers`."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    url = serializers.CharField()
    seconds = serializers.IntegerField()
    headers = serializers.DictField(child=serializers.CharField())


class PartUploadURLListResponse(BaseResponse):
    """Addresses of parts."""

    items = PartUploadURLResponse(many=True)
    example = {
        "items": [
            {
                "number": 1,
                "size": 8388608,
                "url": "https://store.example/raw/…",
                "seconds": 900,
                "headers": {},
            }
        ]
    }
