"""What somebody does not want to be shown."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class LessLikeThisResponse(BaseResponse):
    """Whether fewer stories like this one are chosen."""

    unwanted = serializers.BooleanField()
    example = {"unwanted": True}


class HiddenTellerResponse(BaseResponse):
    """Whether the teller of this story is kept away."""

    hidden = serializers.BooleanField()
    example = {"hidden": True}
