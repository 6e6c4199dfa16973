from rest_framework import serializers

from api.examples import STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField
from moderation.models import Notice

NOTICE_EXAMPLE = {
    "id": "6d0f1a3c-1b7e-4a55-9a7d-cc9b1f8e2b60",
    "story": STORY_ID_EXAMPLE,
    "kind": "published",
    "text": "A reviewer has looked at your story, and it is open to members now.",
    "created_at": "2026-03-01T18:36:00Z",
    "read_at": None,
}


class NoticeResponse(BaseResponse):
    """A notice to a teller."""

    id = serializers.UUIDField()
    story = serializers.UUIDField(source="story_id")
    kind = serializers.ChoiceField(choices=Notice.Kind.choices)
    text = serializers.CharField(source="words")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    example = NOTICE_EXAMPLE


class NoticePageResponse(BaseResponse):
    """The user's notices, newest first."""

    items = NoticeResponse(many=True)
    next = NextCursorField()
    example = {"items": [NOTICE_EXAMPLE], "next": None}
