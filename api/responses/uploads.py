"""A recording on its way into the bucket."""

from rest_framework import serializers

from api.examples import UPLOAD_ID_EXAMPLE
from api.responses.base import BaseResponse
from media.models import Upload, Video


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
    verify_part_checksums = serializers.BooleanField(source="checks_parts")
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
        "verify_part_checksums": False,
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
    verify_part_checksums = serializers.BooleanField(source="checks_parts")
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
                "verify_part_checksums": True,
                "created_at": "2026-03-01T18:30:00Z",
            }
        ]
    }


class PartUploadURLResponse(BaseResponse):
    """Where to PUT one part: exactly `size` bytes, within `seconds`, with these `headers`."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    url = serializers.CharField()
    expires_in_seconds = serializers.IntegerField(source="seconds")
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
                "expires_in_seconds": 900,
                "headers": {},
            }
        ]
    }
