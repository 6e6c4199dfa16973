from rest_framework import serializers

from api.requests.base import BaseRequest
from recommendations.additional_recommendation import AdditionalRecommendationMode


class AdditionalRecommendationRequest(BaseRequest):
    """How to choose the additional recommendation; the rules of the slate apply as well."""

    mode = serializers.ChoiceField(choices=[mode.value for mode in AdditionalRecommendationMode])
