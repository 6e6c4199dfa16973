"""What a teller is told about their stories."""

from rest_framework import serializers

from api.serializers.pages import NextPage
from api.serializers.stories import STORY_ID
from api.serializers.strict import Told
from moderation.models import Notice

NOTICE = {
    "id": "6d0f1a3c-1b7e-4a55-9a7d-cc9b1f8e2b60",
    "story": STORY_ID,
    "kind": "published",
    "words": "A reviewer has looked at your story, and it is open to members now.",
    "created_at": "2026-03-01T18:36:00Z",
    "read_at": None,
}


class NoticeTold(Told):
    """One notice, in words."""

    id = serializers.UUIDField()
    story = serializers.UUIDField(source="story_id")
    kind = serializers.ChoiceField(choices=Notice.Kind.choices)
    words = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    example = NOTICE


class NoticePage(Told):
    """One's own notices, newest first."""

    items = NoticeTold(many=True)
    next = NextPage()
    example = {"items": [NOTICE], "next": None}
