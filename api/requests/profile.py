from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.profiles import ALLOWED_WEIGHTS
from api.examples import PROFILE_EXAMPLE
from api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    TraitAnswersField,
)
from api.requests.base import BaseRequest


class ProfileRequest(BaseRequest):
    """Each field that is sent replaces the stored value. `handle` is the name that other people see."""

    handle = StrictCharField(max_length=40, allow_blank=True, required=False)
    traits = TraitAnswersField(required=False)
    trait_weights = serializers.DictField(
        source="matters", child=StrictIntegerField(max_value=max(ALLOWED_WEIGHTS)), required=False
    )
    muted_content_notes = serializers.ListField(
        source="muted", child=StrictChoiceField(choices=ContentNote.choices), required=False
    )
    languages = serializers.ListField(child=StrictCharField(max_length=8), max_length=10, required=False)
    country = StrictCharField(max_length=2, allow_blank=True, required=False)
    captions_only = StrictBooleanField(required=False)
    example = {"handle": "Ana"} | PROFILE_EXAMPLE
