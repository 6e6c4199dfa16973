"""What a person shared about themselves, what may be asked, and the words that tellers agree to."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ConsentUse
from accounts.notes import ContentNote
from accounts.profiles import OWN_WEIGHTS
from api.serializers.labels import ChoiceTold
from api.serializers.strict import Asked, Flag, Text, Told, Whole, Word

LONGEST_ANSWER = 100
MINE = {
    "traits": {"age": 41, "work_pattern": "nights", "obstacles": ["time"]},
    "matters": {"work_pattern": 4},
    "muted": ["death"],
    "languages": ["en"],
    "country": "GB",
    "captions_only": False,
}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "number"},
            {"type": "string", "maxLength": LONGEST_ANSWER},
            {"type": "array", "items": {"type": "string"}},
            {"type": "null"},
        ]
    }
)
class Answer(serializers.JSONField):
    """A number, a word or a list of words; which of them, the trait says."""


class Answers(serializers.DictField):
    """Trait key -> answer."""

    child = Answer(allow_null=True)


class ProfileAsked(Asked):
    """What to change; each part that is given replaces the whole part. `handle` is the name that others see."""

    handle = Text(max_length=40, allow_blank=True, required=False)
    traits = Answers(required=False)
    matters = serializers.DictField(child=Whole(max_value=max(OWN_WEIGHTS)), required=False)
    muted = serializers.ListField(child=Word(choices=ContentNote.choices), required=False)
    languages = serializers.ListField(child=Text(max_length=8), max_length=10, required=False)
    country = Text(max_length=2, allow_blank=True, required=False)
    captions_only = Flag(required=False)
    example = {"handle": "Ana"} | MINE


class ProfileTold(Told):
    """One's own profile; nobody else ever reads it."""

    handle = serializers.CharField(source="person.handle", allow_blank=True)
    traits = Answers()
    matters = serializers.DictField(child=serializers.IntegerField())
    muted = serializers.ListField(child=serializers.ChoiceField(choices=ContentNote.choices))
    languages = serializers.ListField(child=serializers.CharField())
    country = serializers.CharField(allow_blank=True)
    captions_only = serializers.BooleanField()
    example = {"handle": "Ana"} | MINE


class TraitTold(ChoiceTold):
    """One question; every one may be left open. Identity traits count only if the person says they matter."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=["number", "order", "choice", "set"])
    identity = serializers.BooleanField()
    choices = ChoiceTold(many=True, help_text="Empty for numbers.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)


class TraitsTold(Told):
    """Everything that may be asked, in the order in which people are asked."""

    items = TraitTold(many=True)
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


class ConsentTextTold(Told):
    """The words that a teller agrees to now, and the uses, which are agreed to one by one."""

    version = serializers.IntegerField()
    text = serializers.CharField()
    uses = serializers.SerializerMethodField()
    example = {
        "version": 1,
        "text": "You decide who may watch your story, and you can take it back at any time.",
        "uses": [{"key": "members", "label": "Signed-in members may watch my story"}],
    }

    @extend_schema_field(ChoiceTold(many=True))
    def get_uses(self, _text: Any) -> list[dict[str, str]]:
        return [{"key": str(key), "label": str(label)} for key, label in ConsentUse.choices]
