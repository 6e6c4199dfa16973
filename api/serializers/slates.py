"""The few stories shown together, with the reasons."""

from rest_framework import serializers

from api.serializers.stories import CARD, StoryCard
from api.serializers.strict import Asked, Told
from practice.another import How
from practice.models import Arm


class SlateItemTold(Told):
    """One story on a slate, why it was chosen, and how its teller differs from the viewer."""

    position = serializers.IntegerField()
    story = StoryCard()
    shared = serializers.ListField(child=serializers.CharField())
    differs = serializers.ListField(child=serializers.CharField())


class SlateTold(Told):
    """A slate; `arm` says honestly how it came about."""

    id = serializers.UUIDField()
    challenge = serializers.CharField()
    arm = serializers.ChoiceField(choices=Arm.choices)
    nearer = serializers.BooleanField(
        help_text="Confidence fell after the last two viewings, so these are coping stories a step ahead only."
    )
    items = SlateItemTold(many=True)
    example = {
        "id": "c2f0a9d4-51cf-4d4d-bb1e-0a1c86a2a9f0",
        "challenge": "the-conversation",
        "arm": "matched",
        "nearer": False,
        "items": [
            {
                "position": 1,
                "story": CARD,
                "shared": ["Started where you are now.", "Worked nights too."],
                "differs": ["8 years older than you."],
            }
        ],
    }


class AnotherAsked(Asked):
    """How one more story is picked, within the same rules as the slate."""

    how = serializers.ChoiceField(choices=[how.value for how in How])


class AnotherTold(Told):
    """One more story; null if the slate holds every story that fits."""

    story = StoryCard(allow_null=True)
    shared = serializers.ListField(child=serializers.CharField())
    differs = serializers.ListField(child=serializers.CharField())
    example = {
        "story": CARD,
        "shared": ["Started where you are now."],
        "differs": ["12 years older than you."],
    }
