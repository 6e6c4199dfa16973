from rest_framework import serializers

from api.examples import STORY_CARD_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.stories import StoryCardResponse
from practice.models import ExperimentArm


class SlateItemResponse(BaseResponse):
    """A story on the slate, with similarities and differences between teller and viewer."""

    position = serializers.IntegerField()
    story = StoryCardResponse()
    similarities = serializers.ListField(source="shared", child=serializers.CharField())
    differences = serializers.ListField(source="differs", child=serializers.CharField())


class SlateResponse(BaseResponse):
    """`arm` is the experiment arm that produced the slate."""

    id = serializers.UUIDField()
    challenge = serializers.CharField()
    arm = serializers.ChoiceField(choices=ExperimentArm.choices)
    confidence_dropped = serializers.BooleanField(
        help_text="Confidence fell after the last two viewings, so the slate contains only coping stories from one rung ahead."
    )
    items = SlateItemResponse(many=True)
    example = {
        "id": "c2f0a9d4-51cf-4d4d-bb1e-0a1c86a2a9f0",
        "challenge": "the-conversation",
        "arm": "matched",
        "confidence_dropped": False,
        "items": [
            {
                "position": 1,
                "story": STORY_CARD_EXAMPLE,
                "similarities": ["Started where you are now.", "Worked nights too."],
                "differences": ["8 years older than you."],
            }
        ],
    }


class AdditionalRecommendationResponse(BaseResponse):
    """`story` is null if the slate contains every eligible story."""

    story = StoryCardResponse(allow_null=True)
    similarities = serializers.ListField(child=serializers.CharField())
    differences = serializers.ListField(child=serializers.CharField())
    example = {
        "story": STORY_CARD_EXAMPLE,
        "similarities": ["Started where you are now."],
        "differences": ["12 years older than you."],
    }
