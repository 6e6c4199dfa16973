"""Responses about the profile, the trait questions and the consent text."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.models import ConsentUse
from api.examples import PROFILE_EXAMPLE
from api.fields import TraitAnswersField
from api.responses.base import BaseResponse
from api.responses.labels import ChoiceResponse


class ProfileResponse(BaseResponse):
    """The user's profile; no one else can read it."""

    handle = serializers.CharField(source="person.handle", allow_blank=True)
    traits = TraitAnswersField()
    trait_weights = serializers.DictField(source="matters", child=serializers.IntegerField())
    muted_content_notes = serializers.ListField(
        source="muted", child=serializers.ChoiceField(choices=ContentNote.choices)
    )
    languages = serializers.ListField(child=serializers.CharField())
    country = serializers.CharField(allow_blank=True)
    captions_only = serializers.BooleanField()
    example = {"handle": "Ana"} | PROFILE_EXAMPLE


class TraitResponse(ChoiceResponse):
    """One question; every answer is optional. Identity traits count only if the user gives them a weight."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=["number", "order", "choice", "set"])
    identity = serializers.BooleanField()
    choices = ChoiceResponse(many=True, help_text="Empty for numbers.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)


class TraitListResponse(BaseResponse):
    """All questions in display order."""

    items = TraitResponse(many=True)
    example = {
        "items": [
            {
                "key": "age",
                "label": "age",
                "question": "How old are you?",
                "kind": "number",
                "identity": False,
                "choices": [],
                "minimum": 16.0,
                "maximum": 99.0,
                "unit": "years",
            }
        ]
    }


class ConsentTextResponse(BaseResponse):
    """The current consent text, and the uses that tellers agree to one by one."""

    version = serializers.IntegerField()
    text = serializers.CharField(source="translated_text")
    uses = serializers.SerializerMethodField()
    example = {
        "version": 1,
        "text": "You decide who may watch your story, and you can take it back at any time.",
        "uses": [{"key": "members", "label": "People who are signed in may watch my story"}],
    }

    @extend_schema_field(ChoiceResponse(many=True))
    def get_uses(self, _text: Any) -> list[dict[str, str]]:
        return [{"key": str(key), "label": str(label)} for key, label in ConsentUse.choices]
