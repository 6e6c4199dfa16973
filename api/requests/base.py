"""The base of everything asked and told: unknown fields are refused, types are what JSON says they are."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

MAX_INTEGER = 2**31 - 1  # PostgreSQL's integer
MAX_EXACT_FLOAT = 2**53  # up to here a double holds every whole number

SerializerT = TypeVar("SerializerT", bound=type[serializers.BaseSerializer[Any]])


def _add_openapi_example(serializer: SerializerT, value: Any) -> SerializerT:
    """Give a serializer its example in the schema, for every status that answers with it."""
    shown = OpenApiExample(serializer.__name__, value=value, status_codes=["200", "201", "202", "503"])
    return extend_schema_serializer(examples=[shown])(serializer)


class BaseResponse(serializers.Serializer[Any]):
    """What the API answers; `example` is shown in the schema and checked against it by a test."""

    example: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "example" in cls.__dict__:
            _add_openapi_example(cls, cls.example)


class BaseRequest(serializers.Serializer[Any]):
    """What somebody sends; only types and lengths are looked at here, all rules live in the verbs below."""

    example: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "example" in cls.__dict__:
            _add_openapi_example(cls, cls.example)

    @classmethod
    def parse_body(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """Return the checked body; `partly` lets required fields be left out. Raises ValidationError."""
        return cls(data=request.data, partial=partial).validated()

    @classmethod
    def parse_query(cls, request: Request) -> dict[str, Any]:
        """Return the checked query. Raises ValidationError."""
        given = request.query_params
        twice = [name for name, values in given.lists() if len(values) > 1]
        if twice:
            found = serializers.ErrorDetail("This is given twice.", code="repeated")
            raise ValidationError({name: [found] for name in twice})
        # As a plain mapping, because REST framework takes an empty value of a form for none at all.
        return cls(data=given.dict()).validated()

    def validated(self) -> dict[str, Any]:
        self.is_valid(raise_exception=True)
        checked: dict[str, Any] = self.validated_data
        return checked

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {
                name: [serializers.ErrorDetail("There is no such field.", code="unknown")]
                for name in data
                if name not in self.fields
            }
            if unknown:
                raise ValidationError(unknown)
        return super().to_internal_value(data)


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


class EmptyRequest(BaseRequest):
    """An empty body, for acts that need no words."""


class VersionedRequest(BaseRequest):
    """What rests on a version, named here or in the `If-Match` header."""

    seen = StrictIntegerField(min_value=1, required=False)
