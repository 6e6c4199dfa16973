"""Base class of all response serializers."""

from api.examples import ExampleSerializer


class BaseResponse(ExampleSerializer):
    pass
