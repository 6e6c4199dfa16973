"""The few stories shown together, with the reasons."""

from rest_framework import serializers

from api.requests.base import BaseRequest
from recommendations.extra import ExtraStoryMode


class ExtraStoryRequest(BaseRequest):
    """How one more story is picked, within the same rules as the slate."""

    mode = serializers.ChoiceField(choices=[mode.value for mode in ExtraStoryMode])
