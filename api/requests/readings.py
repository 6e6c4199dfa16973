"""Requests to record confidence ratings."""

from typing import Any

from rest_framework import serializers

from api.fields import StrictChoiceField, StrictIntegerField
from api.requests.base import BaseRequest
from challenges.models import MAX_RUNGS, ReadingMoment


class RatingsField(serializers.DictField):
    """Position of the rung -> 0 to 100 in steps of 10, for every rung of the ladder."""

    child = StrictIntegerField(max_value=100)

    def to_internal_value(self, data: Any) -> dict[int, int]:
        ratings: dict[str, int] = super().to_internal_value(data)
        positions = {str(position) for position in range(1, MAX_RUNGS + 1)}
        for unknown in ratings.keys() - positions:
            raise serializers.ValidationError({unknown: ["There is no rung at this position."]})
        return {int(position): value for position, value in ratings.items()}


class ReadingRequest(BaseRequest):
    """One rating for each rung."""

    moment = StrictChoiceField(choices=ReadingMoment.choices)
    ratings = RatingsField()
    example = {"moment": "before", "ratings": {"1": 70, "2": 40, "3": 20}}
