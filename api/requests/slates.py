from rest_framework import serializers

from api.requests.base import BaseRequest
from recommendations.extra import ExtraStoryMode


class ExtraStoryRequest(BaseRequest):
    """How to choose the extra story; the rules of the slate apply as well."""

    mode = serializers.ChoiceField(choices=[mode.value for mode in ExtraStoryMode])
