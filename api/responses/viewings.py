from rest_framework import serializers

from api.examples import STORY_ID_EXAMPLE, VIEWING_ID_EXAMPLE
from api.responses.base import BaseResponse


class ViewingResponse(BaseResponse):
    """A viewing of a story."""

    id = serializers.UUIDField()
    story = serializers.UUIDField(source="story_id")
    slate = serializers.UUIDField(source="slate_id", allow_null=True)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    furthest_ms = serializers.IntegerField()
    like_me = serializers.IntegerField(allow_null=True)
    example = {
        "id": VIEWING_ID_EXAMPLE,
        "story": STORY_ID_EXAMPLE,
        "slate": None,
        "started_at": "2026-03-01T18:30:00Z",
        "finished_at": None,
        "furthest_ms": 0,
        "like_me": None,
    }
