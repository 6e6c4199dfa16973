"""Requests to commit to a step and to record its attempts."""

from rest_framework import serializers

from api.fields import StrictCharField, StrictChoiceField, StrictIntegerField
from api.requests.base import BaseRequest
from challenges.models import MAX_RUNGS
from practice.models import AttemptResult, Attribution
from practice.steps import MAX_STEP_LENGTH


class StepRequest(BaseRequest):
    """One small step, in the user's own words."""

    challenge = serializers.SlugField(max_length=60)
    rung = StrictIntegerField(min_value=1, max_value=MAX_RUNGS)
    text = StrictCharField(max_length=MAX_STEP_LENGTH)
    example = {"challenge": "the-conversation", "rung": 1, "text": "Write the first sentence on a note."}


class AttemptRequest(BaseRequest):
    """The result of an attempt and, optionally, what the user attributes it to."""

    result = StrictChoiceField(choices=AttemptResult.choices)
    attribution = StrictChoiceField(choices=Attribution.choices, allow_blank=True, default="")
    example = {"result": "partly", "attribution": "circumstances"}
