"""How sure somebody is of each rung, as of now."""

from typing import Any

from rest_framework import serializers

from api.serializers.pages import NextPage
from api.serializers.strict import Asked, Told, Whole, Word
from challenges.models import MOST_RUNGS, Moment, Reading

READING = {
    "id": "0d9f7a52-3f0b-4a0e-8a3e-3a1f6f3c0f11",
    "challenge": "the-conversation",
    "moment": "before",
    "taken_at": "2026-03-01T18:30:00Z",
    "present_rung": 1,
    "ratings": {"1": 70, "2": 40, "3": 20},
}


class Ratings(serializers.DictField):
    """Rung position -> 0 to 100 in steps of 10; every rung of the ladder."""

    child = Whole(max_value=100)

    def to_internal_value(self, data: Any) -> dict[int, int]:
        ratings: dict[str, int] = super().to_internal_value(data)
        positions = {str(position) for position in range(1, MOST_RUNGS + 1)}
        for unknown in ratings.keys() - positions:
            raise serializers.ValidationError({unknown: ["This is not the position of a rung."]})
        return {int(position): value for position, value in ratings.items()}


class ReadingAsked(Asked):
    """One rating for every rung."""

    moment = Word(choices=Moment.choices)
    ratings = Ratings()
    example = {"moment": "before", "ratings": {"1": 70, "2": 40, "3": 20}}


class ReadingTold(Told):
    """One reading; `present_rung` is the highest rung rated 70 or more, 0 if there is none."""

    id = serializers.UUIDField()
    challenge = serializers.CharField(source="challenge.slug")
    moment = serializers.ChoiceField(choices=Moment.choices)
    taken_at = serializers.DateTimeField()
    present_rung = serializers.IntegerField()
    ratings = serializers.SerializerMethodField()

    def get_ratings(self, reading: Reading) -> dict[str, int]:
        return {str(position): value for position, value in sorted(reading.by_position().items())}


class ChangeTold(Told):
    """Mean confidence before and after watching, in points of the 0-100 scale."""

    before = serializers.FloatField()
    after = serializers.FloatField()
    points = serializers.FloatField()


class ReadingTaken(Told):
    """The reading that was kept, and how confidence moved once there is one before and one after."""

    reading = ReadingTold()
    change = ChangeTold(allow_null=True)
    example = {"reading": READING, "change": None}


class ReadingPage(Told):
    """One's own readings on a challenge, newest first."""

    items = ReadingTold(many=True)
    next = NextPage()
    example = {"items": [READING], "next": None}
