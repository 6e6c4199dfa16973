from rest_framework import serializers

from api.examples import UPLOAD_ID_EXAMPLE
from api.responses.base import BaseResponse
from media.models import Upload, Video


class UploadedPartResponse(BaseResponse):
    """A part that the object store has."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()


class VideoResponse(BaseResponse):
    """The recording that was created from a completed upload."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Video.Status.choices)
    reason = serializers.CharField(allow_blank=True)


class UploadResponse(BaseResponse):
    """An upload and the parts that the object store has."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Upload.State.choices)
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    part_size = serializers.IntegerField()
    part_count = serializers.IntegerField()
    verify_part_checksums = serializers.BooleanField(source="verifies_part_checksums")
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
    """An upload that has not been completed, started on any device."""

    id = serializers.UUIDField()
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    verify_part_checksums = serializers.BooleanField(source="verifies_part_checksums")
    created_at = serializers.DateTimeField()


class OpenUploadListResponse(BaseResponse):
    """All open uploads of the user; their number is limited."""

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
    """Where to PUT one part of exactly `size` bytes with these `headers`."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    url = serializers.CharField()
    expires_in_seconds = serializers.IntegerField(source="seconds")
    headers = serializers.DictField(child=serializers.CharField())


class PartUploadURLListResponse(BaseResponse):
    """Upload URLs for parts."""

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
