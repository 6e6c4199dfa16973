"""What has a name for programs and words for people."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class LabelledResponse(BaseResponse):
    """Something with words for people."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field called so, not the label of this one


class ChoiceResponse(LabelledResponse):
    """One of the answers that a question has."""

    key = serializers.CharField()
