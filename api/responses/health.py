from rest_framework import serializers

from api.responses.base import BaseResponse


class LivenessResponse(BaseResponse):
    """The web process responds."""

    status = serializers.ChoiceField(choices=["alive"])
    example = {"status": "alive"}


class ReadinessResponse(BaseResponse):
    """All required services respond."""

    status = serializers.ChoiceField(choices=["ready"])
    example = {"status": "ready"}
