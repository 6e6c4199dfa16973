"""Whether the house stands."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class LivenessResponse(BaseResponse):
    """The web server runs."""

    status = serializers.ChoiceField(choices=["alive"])
    example = {"status": "alive"}


class ReadinessResponse(BaseResponse):
    """Everything that we lean on answers."""

    status = serializers.ChoiceField(choices=["ready"])
    example = {"status": "ready"}
