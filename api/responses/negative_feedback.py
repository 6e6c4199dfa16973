"""What somebody does not want to be shown."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class LessLikeThisResponse(BaseResponse):
    """Whether fewer stories like this one are chosen."""

    less_like_this = serializers.BooleanField()
    example = {"less_like_this": True}


class HiddenTellerResponse(BaseResponse):
    """Whether the teller of this story is kept away."""

    hidden = serializers.BooleanField()
    example = {"hidden": True}
