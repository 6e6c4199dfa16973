"""A recording on its way into the bucket."""

from rest_framework import serializers

from api.serializers.strict import Asked, Text, Told, Whole
from media.models import Upload, Video
from media.uploads import MOST_ADDRESSES_AT_ONCE

LARGEST_SIZE = 2**53 - 1
UPLOAD_ID = "8a6d2b1e-8f4a-4f0c-9f39-7f0d3c1b2a10"


class UploadAsked(Asked):
    """What is to be sent, so that it can be refused before its first byte."""

    file_name = Text(max_length=255, allow_blank=True)
    size = Whole(max_value=LARGEST_SIZE)
    content_type = Text(max_length=200)
    sha256 = Text(max_length=64, required=False)
    example = {"file_name": "my story.mp4", "size": 20971520, "content_type": "video/mp4"}


class PartsAsked(Asked):
    """For which parts addresses are wanted."""

    numbers = serializers.ListField(child=Whole(min_value=1), min_length=1, max_length=MOST_ADDRESSES_AT_ONCE)
    example = {"numbers": [1, 2, 3]}


class PartTold(Told):
    """One part that the store has."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()


class VideoTold(Told):
    """What became of a complete upload."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Video.Status.choices)
    reason = serializers.CharField(allow_blank=True)


class UploadTold(Told):
    """An upload, and which of its parts the store has by now."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Upload.State.choices)
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    part_size = serializers.IntegerField()
    part_count = serializers.IntegerField()
    parts = PartTold(many=True)
    video = VideoTold(allow_null=True)
    created_at = serializers.DateTimeField()
    example = {
        "id": UPLOAD_ID,
        "state": "open",
        "file_name": "my story.mp4",
        "content_type": "video/mp4",
        "size": 20971520,
        "part_size": 8388608,
        "part_count": 3,
        "parts": [{"number": 1, "size": 8388608}],
        "video": None,
        "created_at": "2026-03-01T18:30:00Z",
    }


class AddressTold(Told):
    """Where to PUT one part: exactly `size` bytes, within `seconds`."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    url = serializers.CharField()
    seconds = serializers.IntegerField()


class AddressesTold(Told):
    """Addresses of parts."""

    items = AddressTold(many=True)
    example = {
        "items": [{"number": 1, "size": 8388608, "url": "https://store.example/raw/…", "seconds": 900}]
    }
