"""Serializer fields that accept exactly one JSON type, and fields for answers to trait questions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_INTEGER = 2**31 - 1  # PostgreSQL's integer

MAX_EXACT_FLOAT = 2**53  # up to here a double holds every whole number


class StrictCharField(serializers.CharField):
    """A JSON string; numbers and truth values are not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictChoiceField(serializers.ChoiceField):
    """One of some words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A whole number; neither a string of digits nor a truth value, but 1.0 is 1, as in JSON Schema."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", MAX_INTEGER)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer() and abs(data) < MAX_EXACT_FLOAT:
            return int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class StrictBooleanField(serializers.BooleanField):
    """True or false, and nothing that merely sounds like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictUUIDField(serializers.UUIDField):
    """A UUID as a string."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


MAX_ANSWER_LENGTH = 100


@extend_schema_field(
    {
        "oneOf": [
            {"type": "number"},
            {"type": "string", "maxLength": MAX_ANSWER_LENGTH},
            {"type": "array", "items": {"type": "string"}},
            {"type": "null"},
        ]
    }
)
class TraitAnswerField(serializers.JSONField):
    """A number, a word or a list of words; which of them, the trait says."""


class TraitAnswersField(serializers.DictField):
    """Trait key -> answer."""

    child = TraitAnswerField(allow_null=True)
