"""The one small step at the end, and how it went."""

from rest_framework import serializers

from api.serializers.pages import NextPage
from api.serializers.strict import Asked, Text, Told, Whole, Word
from challenges.models import MOST_RUNGS
from practice.models import Attribution, Went
from practice.steps import LONGEST

STEP = {
    "id": "91c3a8b2-3b7d-4a58-9a4e-50b8d61e7f77",
    "challenge": "the-conversation",
    "rung": 1,
    "text": "Write the first sentence on a note.",
    "committed_at": "2026-03-01T18:45:00Z",
    "follow_up_on": "2026-03-04",
    "attempts": [],
}


class StepAsked(Asked):
    """One small attempt, in one's own words."""

    challenge = serializers.SlugField(max_length=60)
    rung = Whole(min_value=1, max_value=MOST_RUNGS)
    text = Text(max_length=LONGEST)
    example = {"challenge": "the-conversation", "rung": 1, "text": "Write the first sentence on a note."}


class AttemptAsked(Asked):
    """How it went, and what one puts it down to, if one likes."""

    went = Word(choices=Went.choices)
    attribution = Word(choices=Attribution.choices, allow_blank=True, default="")
    example = {"went": "partly", "attribution": "circumstances"}


class AttemptTold(Told):
    """How a step went."""

    went = serializers.ChoiceField(choices=Went.choices)
    attribution = serializers.ChoiceField(choices=Attribution.choices, allow_blank=True)
    at = serializers.DateTimeField()
    example = {"went": "partly", "attribution": "circumstances", "at": "2026-03-04T09:00:00Z"}


class StepTold(Told):
    """One step and how it went so far."""

    id = serializers.UUIDField()
    challenge = serializers.CharField(source="challenge.slug")
    rung = serializers.IntegerField()
    text = serializers.CharField()
    committed_at = serializers.DateTimeField()
    follow_up_on = serializers.DateField()
    attempts = AttemptTold(many=True)
    example = STEP


class StepPage(Told):
    """One's own steps, newest first."""

    items = StepTold(many=True)
    next = NextPage()
    example = {"items": [STEP], "next": None}
