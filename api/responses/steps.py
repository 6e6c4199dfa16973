from rest_framework import serializers

from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField
from practice.models import AttemptResult, Attribution

STEP_EXAMPLE = {
    "id": "91c3a8b2-3b7d-4a58-9a4e-50b8d61e7f77",
    "challenge": "the-conversation",
    "rung": 1,
    "text": "Write the first sentence on a note.",
    "committed_at": "2026-03-01T18:45:00Z",
    "follow_up_on": "2026-03-04",
    "attempts": [],
}


class AttemptResponse(BaseResponse):
    """One attempt at a step."""

    result = serializers.ChoiceField(source="went", choices=AttemptResult.choices)
    attribution = serializers.ChoiceField(choices=Attribution.choices, allow_blank=True)
    attempted_at = serializers.DateTimeField(source="at")
    example = {"result": "partly", "attribution": "circumstances", "attempted_at": "2026-03-04T09:00:00Z"}


class StepResponse(BaseResponse):
    """A step with its attempts so far."""

    id = serializers.UUIDField()
    challenge = serializers.CharField(source="challenge.slug")
    rung = serializers.IntegerField()
    text = serializers.CharField()
    committed_at = serializers.DateTimeField()
    follow_up_on = serializers.DateField()
    attempts = AttemptResponse(many=True)
    example = STEP_EXAMPLE


class StepPageResponse(BaseResponse):
    """The user's steps, newest first."""

    items = StepResponse(many=True)
    next = NextCursorField()
    example = {"items": [STEP_EXAMPLE], "next": None}
