"""Challenges and their ladders."""

from rest_framework import serializers

from api.serializers.pages import NextPage
from api.serializers.strict import Told

CARD = {
    "slug": "the-conversation",
    "title": "Have the conversation I keep putting off",
    "summary": "Say the thing that has been waiting, to the person it concerns.",
    "domain": {"slug": "relationships", "name": "People close to me", "summary": "Family, friends, love."},
}


class DomainTold(Told):
    """A part of life."""

    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)


class ChallengeCard(Told):
    """One challenge as a list shows it."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    domain = DomainTold()


class RungTold(Told):
    """One rung of a ladder; position 1 is the easiest."""

    position = serializers.IntegerField()
    text = serializers.CharField()


class ChallengeDetail(ChallengeCard):
    """One challenge with its ladder, and what helps with the small step at the end."""

    step_hint = serializers.CharField(allow_blank=True)
    body_cue = serializers.CharField(allow_blank=True)
    rungs = RungTold(many=True)
    example = CARD | {
        "step_hint": "Write down the first sentence.",
        "body_cue": "A racing heart can be your body getting ready.",
        "rungs": [{"position": 1, "text": "Say to myself what it is about."}],
    }


class ChallengePage(Told):
    """Challenges in the order of the catalogue."""

    items = ChallengeCard(many=True)
    next = NextPage()
    example = {"items": [CARD], "next": None}


class BarrierTold(Told):
    """What commonly stands in the way; for tellers, who mark the chapter that gets past it."""

    key = serializers.CharField()
    text = serializers.CharField()
    strategy_hint = serializers.CharField(allow_blank=True)


class BarriersTold(Told):
    """All barriers of one challenge."""

    items = BarrierTold(many=True)
    example = {
        "items": [{"key": "freezing", "text": "My mind goes blank.", "strategy_hint": "Bring a note."}]
    }
