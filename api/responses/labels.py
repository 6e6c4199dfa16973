from rest_framework import serializers

from api.responses.base import BaseResponse


class LabelledResponse(BaseResponse):
    """A value with a label for people."""

    label = serializers.CharField()  # type: ignore[assignment]  # a declared field hides DRF's attribute


class ChoiceResponse(LabelledResponse):
    """One choice of a question."""

    key = serializers.CharField()
