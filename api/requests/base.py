"""Base classes of all request serializers: unknown fields and JSON values of another type are refused."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.examples import ExampleSerializer
from api.fields import StrictIntegerField


class BaseRequest(ExampleSerializer):
    """What somebody sends; only types and lengths are looked at here, all rules live in the verbs below."""

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


class EmptyRequest(BaseRequest):
    """An empty body, for acts that need no words."""


class VersionedRequest(BaseRequest):
    """What rests on a version, named here or in the `If-Match` header."""

    expected_version = StrictIntegerField(min_value=1, required=False)
