from rest_framework import serializers

from api.responses.base import BaseResponse


class LessLikeThisResponse(BaseResponse):
    """Whether fewer stories like this one are suggested."""

    less_like_this = serializers.BooleanField()
    example = {"less_like_this": True}


class HiddenTellerResponse(BaseResponse):
    """Whether this teller's stories are hidden from the user."""

    hidden = serializers.BooleanField()
    example = {"hidden": True}
