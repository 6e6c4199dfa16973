"""Serializer fields that accept exactly one JSON type, and fields for answers to trait questions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_INTEGER = 2**31 - 1  # of a PostgreSQL integer

MAX_EXACT_FLOAT = 2**53  # a double represents every integer up to here


class StrictCharField(serializers.CharField):
    """A JSON string; numbers and booleans are rejected."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictChoiceField(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """Rejects strings and booleans, but accepts 1.0 as 1, as JSON Schema does."""

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
    """Accepts only true and false, not strings such as "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictUUIDField(serializers.UUIDField):
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
    """A number, a string or a list of strings, depending on the trait."""


class TraitAnswersField(serializers.DictField):
    """Trait key -> answer."""

    child = TraitAnswerField(allow_null=True)
