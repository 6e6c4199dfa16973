"""What somebody does not want to be shown."""

from rest_framework import serializers

from api.requests.base import BaseRequest, BaseResponse, StrictBooleanField


class LessLikeThisRequest(BaseRequest):
    """Whether to choose fewer stories like this one."""

    unwanted = StrictBooleanField()
    example = {"unwanted": True}


class LessLikeThisResponse(BaseResponse):
    """Whether fewer stories like this one are chosen."""

    unwanted = serializers.BooleanField()
    example = {"unwanted": True}


class HiddenTellerRequest(BaseRequest):
    """Whether to be shown nothing more by the teller of this story."""

    hidden = StrictBooleanField()
    example = {"hidden": True}


class HiddenTellerResponse(BaseResponse):
    """Whether the teller of this story is kept away."""

    hidden = serializers.BooleanField()
    example = {"hidden": True}
