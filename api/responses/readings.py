"""Responses about confidence ratings."""

from rest_framework import serializers

from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField
from challenges.models import Reading, ReadingMoment

READING_EXAMPLE = {
    "id": "0d9f7a52-3f0b-4a0e-8a3e-3a1f6f3c0f11",
    "challenge": "the-conversation",
    "moment": "before",
    "taken_at": "2026-03-01T18:30:00Z",
    "present_rung": 1,
    "ratings": {"1": 70, "2": 40, "3": 20},
}


class ReadingResponse(BaseResponse):
    """`present_rung` is the highest rung rated 70 or more, 0 if there is none."""

    id = serializers.UUIDField()
    challenge = serializers.CharField(source="challenge.slug")
    moment = serializers.ChoiceField(choices=ReadingMoment.choices)
    taken_at = serializers.DateTimeField()
    present_rung = serializers.IntegerField()
    ratings = serializers.SerializerMethodField()

    def get_ratings(self, reading: Reading) -> dict[str, int]:
        return {str(position): value for position, value in sorted(reading.ratings_by_position().items())}


class ConfidenceChangeResponse(BaseResponse):
    """Mean confidence before and after watching, on the scale from 0 to 100."""

    before = serializers.FloatField()
    after = serializers.FloatField()
    points = serializers.FloatField()


class ReadingCreatedResponse(BaseResponse):
    """The stored reading, and the change in confidence once there are readings before and after watching."""

    reading = ReadingResponse()
    change = ConfidenceChangeResponse(allow_null=True)
    example = {"reading": READING_EXAMPLE, "change": None}


class ReadingPageResponse(BaseResponse):
    """The user's readings of a challenge, newest first."""

    items = ReadingResponse(many=True)
    next = NextCursorField()
    example = {"items": [READING_EXAMPLE], "next": None}
