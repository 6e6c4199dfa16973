from rest_framework import serializers

from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField

CHALLENGE_CARD_EXAMPLE = {
    "slug": "the-conversation",
    "title": "Have the conversation I keep putting off",
    "summary": "Say the thing that has been waiting, to the person it concerns.",
    "domain": {"slug": "relationships", "name": "People close to me", "summary": "Family, friends, love."},
}


class DomainResponse(BaseResponse):
    """An area of life."""

    slug = serializers.CharField()
    name = serializers.CharField(source="translated_name")
    summary = serializers.CharField(source="translated_summary", allow_blank=True)


class ChallengeCardResponse(BaseResponse):
    """A challenge in a list."""

    slug = serializers.CharField()
    title = serializers.CharField(source="translated_title")
    summary = serializers.CharField(source="translated_summary")
    domain = DomainResponse()


class RungResponse(BaseResponse):
    """One rung of a ladder; position 1 is the easiest."""

    position = serializers.IntegerField()
    text = serializers.CharField(source="translated_text")


class ChallengeDetailResponse(ChallengeCardResponse):
    """A challenge with its ladder and hints for the first step."""

    step_hint = serializers.CharField(source="translated_step_hint", allow_blank=True)
    body_cue = serializers.CharField(source="translated_body_cue", allow_blank=True)
    rungs = RungResponse(many=True)
    example = CHALLENGE_CARD_EXAMPLE | {
        "step_hint": "Write down the first sentence.",
        "body_cue": "A racing heart can be your body getting ready.",
        "rungs": [{"position": 1, "text": "Say to myself what it is about."}],
    }


class ChallengePageResponse(BaseResponse):
    """Challenges in catalogue order."""

    items = ChallengeCardResponse(many=True)
    next = NextCursorField()
    example = {"items": [CHALLENGE_CARD_EXAMPLE], "next": None}


class BarrierResponse(BaseResponse):
    """A common barrier. Tellers mark the chapter in which they overcome it."""

    key = serializers.CharField()
    text = serializers.CharField(source="translated_text")
    strategy_hint = serializers.CharField(source="translated_strategy_hint", allow_blank=True)


class BarrierListResponse(BaseResponse):
    """All barriers of a challenge."""

    items = BarrierResponse(many=True)
    example = {
        "items": [{"key": "freezing", "text": "My mind goes blank.", "strategy_hint": "Bring a note."}]
    }
