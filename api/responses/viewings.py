"""One person watching one story."""

from rest_framework import serializers

from api.requests.base import BaseRequest, BaseResponse, StrictIntegerField, StrictUUIDField
from api.responses.stories import STORY_ID_EXAMPLE
from practice.models import MAX_LIKE_ME

VIEWING_ID_EXAMPLE = "f3b1b9de-4a1e-4cb9-9f7d-2c44d9f52a01"


class ViewingCreateRequest(BaseRequest):
    """Which story somebody begins to watch, and from which slate they came."""

    story = StrictUUIDField()
    slate = StrictUUIDField(required=False, allow_null=True)
    example = {"story": STORY_ID_EXAMPLE, "slate": "c2f0a9d4-51cf-4d4d-bb1e-0a1c86a2a9f0"}


class ViewingUpdateRequest(BaseRequest):
    """How far somebody watched, and how much they saw themselves in the teller (0 to 10)."""

    furthest_ms = StrictIntegerField(required=False)
    like_me = StrictIntegerField(max_value=MAX_LIKE_ME, required=False)
    example = {"furthest_ms": 41000, "like_me": 8}


class ViewingResponse(BaseResponse):
    """One viewing."""

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
